import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { Context } from "./context";
import type { StoredSecret } from "./secrets";

/** What a task's execution role is for. */
export interface ExecutionNeeds {
    /** Our repository from which it pulls; absent if the image is public. */
    repositoryArn: pulumi.Output<string> | undefined;
    logGroupArn: pulumi.Output<string>;
    secrets: StoredSecret[];
}

/** Makes the role by which ECS itself starts a task: it pulls one image, reads the task's own secrets, and writes its log. */
export function createExecutionRole(context: Context, name: string, needs: ExecutionNeeds): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
    const role = createTaskRole(context, `${name}-execution`, `Starts the tasks of ${name}`);
    const statements: Record<string, unknown>[] = [
        { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: pulumi.interpolate`${needs.logGroupArn}:*` },
    ];
    const arns = [...new Set(needs.secrets)].map((secret) => secret.arn);
    if (arns.length > 0) statements.push({ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: arns });
    if (needs.repositoryArn !== undefined) {
        // The login to the registry is for no single repository, so AWS takes no other resource here.
        statements.push({ Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" });
        statements.push({
            Effect: "Allow",
            Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Resource: needs.repositoryArn,
        });
    }
    return { role, policy: attachPolicy(role, `${name}-execution`, statements) };
}

/** Makes a role that only tasks of this account can take. */
export function createTaskRole(context: Context, name: string, description: string): aws.iam.Role {
    return new aws.iam.Role(name, {
        description,
        assumeRolePolicy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Action: "sts:AssumeRole",
                    Principal: { Service: "ecs-tasks.amazonaws.com" },
                    Condition: { StringEquals: { "aws:SourceAccount": context.accountId } },
                },
            ],
        }),
    });
}

/** Lets a role do what the statements say. */
export function attachPolicy(role: aws.iam.Role, name: string, statements: Record<string, unknown>[]): aws.iam.RolePolicy {
    return new aws.iam.RolePolicy(name, { role: role.name, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements }) });
}
