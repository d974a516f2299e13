//! `GET /sellers?limit=&cursor=`

use http::StatusCode;
use serde::Serialize;
use waybill_documents::Seller;
use waybill_service::page::{LIMIT, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::Text;
use waybill_service::rules::parties::SELLER_ID;
use waybill_service::sql::{FromRow, Statement as _, statement};
use waybill_service::{Fields, Problem, endpoint, page};

statement!(ListSellers, "seller/sql/list_sellers.sql", row: ListedSeller);

/// Which page.
#[derive(Fields)]
pub struct SellersQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<String>,
}

const CURSOR: Text<String> = Text { rule: "must be the nextCursor of an earlier page", ..SELLER_ID };

/// A seller with its identifier.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Serialize, FromRow)]
pub struct ListedSeller {
    /// By which orders name it.
    id: String,
    /// The seller as it is now.
    #[column(json)]
    #[serde(flatten)]
    seller: Seller,
}

page!(SellersPage, "A page of sellers, in the order of their identifiers.", sellers: ListedSeller);

/// Lists the sellers.
#[endpoint(GET "/sellers", scope = SellerRead, success(200, "A page of sellers.", SellersPage))]
pub fn list_sellers(request: Request<SellersQuery>) -> Result<Response, Problem> {
    let SellersQuery { limit, cursor } = request.parameters()?;
    let page = PageRequest::new(limit, None);

    let above = cursor.as_deref().unwrap_or_default();
    let mut sellers = ListSellers { above, limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut sellers, |seller| &seller.id);
    Ok(respond::json(StatusCode::OK, &SellersPage { sellers, next_cursor }))
}
