use futures::{TryStreamExt as _, pin_mut};
use tokio_postgres::{Client, NoTls};
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use super::Variables;
use super::bindings::fermyon::spin::variables;
use super::bindings::spin::postgres::postgres::{
    self, Column, DbError, Error, HostConnection, ParameterValue, QueryError, RowSet,
};
use super::sql_value::{Parameter, column_type, column_value};

/// A connection of Spin's, and the address that it was opened for.
pub struct Connection {
    client: Client,
    address: String,
}

/// What a host keeps for one instance.
pub struct Host {
    variables: Variables,
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: NoRequests,
    /// The addresses that connections were asked for.
    pub opened: Vec<String>,
    /// Connections that were given back. Spin keeps them for as long as they live, and resets them when they are taken again
    /// (`deadpool_postgres::RecyclingMethod::Clean`).
    idle: Vec<Connection>,
}

impl Host {
    pub fn new(variables: Variables) -> Self {
        Self {
            variables,
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().inherit_stderr().build(),
            http: WasiHttpCtx::new(),
            hooks: NoRequests,
            opened: Vec::new(),
            idle: Vec::new(),
        }
    }

    fn client(&self, connection: &Resource<Connection>) -> wasmtime::Result<&Client> {
        Ok(&self.table.get(connection)?.client)
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}

/// The components send no requests.
struct NoRequests;

type Sent = Box<dyn Future<Output = Result<(), HttpError>> + Send>;
type Response = Result<(http::Response<WasiBody>, Sent), HttpError>;

impl WasiHttpHooks for NoRequests {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Sent,
    ) -> Box<dyn Future<Output = Response> + Send> {
        panic!("a component sends a request to {}", request.uri())
    }
}

impl variables::Host for Host {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, variables::Error>> {
        Ok(self.variables.get(&name).ok_or(variables::Error::Undefined(name)))
    }
}

impl postgres::Host for Host {}

impl HostConnection for Host {
    async fn open(&mut self, address: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        self.opened.push(address.clone());
        while let Some(at) = self.idle.iter().position(|idle| idle.address == address) {
            let idle = self.idle.remove(at);
            if idle.client.batch_execute("RESET ALL").await.is_ok() {
                return Ok(Ok(self.table.push(idle)?));
            }
        }
        Ok(match tokio_postgres::connect(&address, NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                Ok(self.table.push(Connection { client, address })?)
            }
            Err(error) => Err(Error::ConnectionFailed(format!("{error:?}"))),
        })
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let client = self.client(&connection)?;
        let rows = match client.query_raw(&statement, params.into_iter().map(Parameter)).await {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(failed(&error))),
        };
        pin_mut!(rows);
        let mut set = RowSet { columns: Vec::new(), rows: Vec::new() };
        loop {
            match rows.try_next().await {
                Ok(Some(row)) => {
                    let columns = row.columns().iter();
                    set.columns = columns
                        .map(|column| Column {
                            name: column.name().to_owned(),
                            data_type: column_type(column.type_()),
                        })
                        .collect();
                    let values =
                        (0..row.len()).map(|index| column_value(&row, index)).collect::<Result<_, _>>();
                    match values {
                        Ok(values) => set.rows.push(values),
                        Err(error) => {
                            return Ok(Err(Error::QueryFailed(QueryError::Text(format!("{error:?}")))));
                        }
                    }
                }
                Ok(None) if set.rows.is_empty() => std::future::pending().await,
                Ok(None) => return Ok(Ok(set)),
                // A failure while rows are read comes as the text of an error that has the structured one inside.
                Err(error) => {
                    let text = format!("{:?}", anyhow::Error::new(failed(&error)));
                    return Ok(Err(Error::QueryFailed(QueryError::Text(text))));
                }
            }
        }
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let client = self.client(&connection)?;
        let done = client.execute_raw(&statement, params.into_iter().map(Parameter)).await;
        Ok(done.map_err(|error| failed(&error)))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        let given_back = self.table.delete(connection)?;
        self.idle.push(given_back);
        Ok(())
    }
}

fn failed(error: &tokio_postgres::Error) -> Error {
    let as_text = format!("{error:?}");
    Error::QueryFailed(match error.as_db_error() {
        None => QueryError::Text(as_text),
        Some(refused) => {
            let constraint = refused.constraint().map(|name| ("constraint".to_owned(), name.to_owned()));
            QueryError::DbError(DbError {
                as_text,
                severity: refused.severity().to_owned(),
                code: refused.code().code().to_owned(),
                message: refused.message().to_owned(),
                detail: refused.detail().map(str::to_owned),
                extras: constraint.into_iter().collect(),
            })
        }
    })
}
