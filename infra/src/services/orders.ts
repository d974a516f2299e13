import { ports } from "../config";
import { databaseSecrets } from "../databases";
import { waybillImage } from "../images/waybill";
import { groups } from "../security";
import { service } from "../service";
import { role, size } from "./waybill";

export const ordersService = service("orders", {
  ...size,
  securityGroup: groups.orders,
  repositories: [waybillImage.repository],
  discoverable: true,
  containers: role({
    name: "orders",
    command: ["serve", "orders"],
    ports: [ports.orders],
    environment: { WAYBILL_ORDERS_LISTEN: `0.0.0.0:${ports.orders}` },
    secrets: { ORDERS_DATABASE_URL: databaseSecrets.orders },
    migrates: true,
  }),
});
