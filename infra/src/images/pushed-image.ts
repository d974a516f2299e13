import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";

import type { Settings } from "../settings";

/** An image in a repository of ours. */
export interface PushedImage {
    /** Its address, with tag and digest. */
    ref: pulumi.Output<string>;
    repositoryArn: pulumi.Output<string>;
}

/** Where an image comes from. */
export interface ImageArgs {
    name: string;
    /** The folder that is sent to the builder, as seen from this project. */
    context: string;
    dockerfile: string;
    tag: string;
}

/** How many images are kept to go back to. */
const KEPT_IMAGES = 20;

/** Makes a repository, and builds and pushes the image. */
export function pushImage(settings: Settings, args: ImageArgs): PushedImage {
    const repository = new aws.ecr.Repository(args.name, {
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "AES256" }],
        // What is in it can be built again.
        forceDelete: true,
    });
    new aws.ecr.LifecyclePolicy(args.name, {
        repository: repository.name,
        policy: JSON.stringify({
            rules: [
                {
                    rulePriority: 1,
                    description: `Keep the last ${KEPT_IMAGES} images`,
                    selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: KEPT_IMAGES },
                    action: { type: "expire" },
                },
            ],
        }),
    });
    const login = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId });
    const image = new docker.Image(args.name, {
        context: { location: args.context },
        dockerfile: { location: args.dockerfile },
        platforms: [settings.architecture === "ARM64" ? "linux/arm64" : "linux/amd64"],
        tags: [pulumi.interpolate`${repository.repositoryUrl}:${args.tag}`],
        push: true,
        // A preview says what would change; an image that takes minutes to build is only built when it is used.
        buildOnPreview: false,
        registries: [{ address: repository.repositoryUrl, username: login.userName, password: pulumi.secret(login.password) }],
    });
    return { ref: image.ref, repositoryArn: repository.arn };
}
