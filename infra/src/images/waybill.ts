import { join } from "node:path";

import type { Settings } from "../settings";
import { contentTag } from "./content-tag";
import { pushImage, type PushedImage } from "./pushed-image";

/** The one image of all roles of Waybill: its program is the entry point, and a role is the command. */
export function createWaybillImage(settings: Settings): PushedImage {
    return pushImage(settings, {
        name: "waybill",
        context: "..",
        dockerfile: "../deploy/Dockerfile",
        tag: settings.imageTag ?? contentTag(join(__dirname, "../../.."), ""),
    });
}
