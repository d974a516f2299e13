import * as aws from "@pulumi/aws";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";

/// A repository, and the image that is built from this project and pushed to it. Tasks name the image by its digest.
export function image(name: string, context: string, dockerfile: string): { repository: aws.ecr.Repository; ref: pulumi.Output<string> } {
  const repository = new aws.ecr.Repository(name, {
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfigurations: [{ encryptionType: "AES256" }],
    forceDelete: false,
  });
  new aws.ecr.LifecyclePolicy(name, {
    repository: repository.name,
    policy: JSON.stringify({
      rules: [{ rulePriority: 1, description: "The last ten, to go back to", selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 10 }, action: { type: "expire" } }],
    }),
  });
  const login = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId });
  // A tag never moves, so each build has one of its own; nobody names an image by it.
  const tag = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const built = new dockerBuild.Image(name, {
    context: { location: context },
    dockerfile: { location: dockerfile },
    platforms: ["linux/amd64"],
    push: true,
    tags: [pulumi.interpolate`${repository.repositoryUrl}:${tag}`],
    registries: [{ address: repository.repositoryUrl, username: login.userName, password: pulumi.secret(login.password) }],
  }, { ignoreChanges: ["tags"] });
  return { repository, ref: built.ref };
}
