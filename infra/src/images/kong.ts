import { image } from "./repository";

export const kongImage = image("kong", "../gateway", "../gateway/Dockerfile");
