import { image } from "./repository";

/// One image for all roles.
export const waybillImage = image("waybill", "..", "../deploy/Dockerfile");
