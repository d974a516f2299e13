import { databaseSecrets } from "../databases";
import { waybillImage } from "../images/waybill";
import { groups } from "../security";
import { service } from "../service";
import { invoicesService } from "./invoices";
import { role, size } from "./waybill";

// Two, which share the work.
export const webhooksService = service("webhooks", {
  ...size,
  count: 2,
  securityGroup: groups.webhooks,
  repositories: [waybillImage.repository],
  containers: role({
    name: "webhooks",
    command: ["webhooks"],
    secrets: { INVOICES_DATABASE_URL: databaseSecrets.invoices },
  }),
  dependsOn: [invoicesService],
});
