import { databaseSecrets } from "../databases";
import { waybillImage } from "../images/waybill";
import { groups } from "../security";
import { service } from "../service";
import { ordersService } from "./orders";
import { brokerSecret, rabbitMQ } from "./rabbitmq";
import { role, size } from "./waybill";

// Two: one delivers, the other stands by.
export const relayService = service("relay", {
  ...size,
  count: 2,
  securityGroup: groups.relay,
  repositories: [waybillImage.repository],
  containers: role({
    name: "relay",
    command: ["relay"],
    secrets: { ORDERS_DATABASE_URL: databaseSecrets.orders, BROKER_URL: brokerSecret },
  }),
  dependsOn: [rabbitMQ.ready, ordersService],
});
