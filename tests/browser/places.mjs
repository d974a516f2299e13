// Every kind of page, by name.

/// The pages of a system with an order and its invoice.
export function places({ gateway, traces }, { order, invoice }) {
  const own = `${gateway}/console`;
  return {
    overview: own,
    order: `${own}/orders/${order}`,
    orders: `${own}/orders`,
    invoice: `${own}/invoices/${invoice}`,
    invoices: `${own}/invoices`,
    "dead-letters": `${own}/dead-letters`,
    settings: `${own}/settings`,
    "sign-in": `${own}/sign-in`,
    "not-found": `${own}/orders/00000000-0000-7000-8000-000000000000`,
    document: `${own}/invoices/${invoice}/page`,
    reference: `${gateway}/docs/orders`,
    traces: `${traces}/`,
    "no-trace": `${traces}/trace/00000000000000000000000000000001`,
  };
}

/// The page of an order's trace, once it has all of it.
export async function traceOf(page, order) {
  await page.goto(order);
  await page.locator("#invoice-link").waitFor();
  const trace = await page.locator("#trace-link").getAttribute("href");
  await page.goto(trace);
  const last = page.getByText("process order.created");
  // Kept spans come some at a time. Each load asks anew.
  for (let tries = 0; tries < 50 && !(await last.count()); tries += 1) {
    await page.waitForTimeout(200);
    await page.reload();
  }
  await last.first().waitFor({ timeout: 1000 });
  return trace;
}
