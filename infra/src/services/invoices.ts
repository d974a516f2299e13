import { ports } from "../config";
import { databaseSecrets } from "../databases";
import { waybillImage } from "../images/waybill";
import { groups } from "../security";
import { service } from "../service";
import { brokerSecret, rabbitMQ } from "./rabbitmq";
import { role, size } from "./waybill";

export const invoicesService = service("invoices", {
  ...size,
  securityGroup: groups.invoices,
  repositories: [waybillImage.repository],
  discoverable: true,
  containers: role({
    name: "invoices",
    command: ["serve", "invoices"],
    ports: [ports.invoices],
    environment: { WAYBILL_INVOICES_LISTEN: `0.0.0.0:${ports.invoices}` },
    secrets: { INVOICES_DATABASE_URL: databaseSecrets.invoices, BROKER_URL: brokerSecret },
    migrates: true,
  }),
  dependsOn: [rabbitMQ.ready],
});
