import { join } from "node:path";

import type { Settings } from "../settings";
import { contentTag } from "./content-tag";
import { pushImage, type PushedImage } from "./pushed-image";

/** Kong with this repository's routes inside. */
export function createKongImage(settings: Settings): PushedImage {
    return pushImage(settings, {
        name: "kong",
        context: "../gateway",
        dockerfile: "../gateway/Dockerfile",
        tag: settings.imageTag ?? contentTag(join(__dirname, "../../.."), "gateway"),
    });
}
