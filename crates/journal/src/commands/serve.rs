//! `journal serve`: serve many agents at one address, over HTTP.

mod log;
mod ready;
mod standing;

use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use journal_engine::Identified;
use journal_mcp::http::{self, HttpOptions, Limits, Token, Traffic};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{log::Log, standing::Teller};
use super::mcp::Served;
use crate::{
    caller,
    failure::{Failure, PlaceError, ServeError},
    output::Output,
    place::{Place, World},
    rim::{self, Exit},
    signals::asked_to_stop,
    text::{Text, quoted},
    token_file,
};

/// Told below the options.
const EXAMPLES: &str = r#"Examples:
  journal serve --vault ~/Vault
  journal connect claude --http
  export JOURNAL_TOKEN="$(journal serve --show-token)""#;

/// Serve many agents at one address, over MCP
///
/// Every call must bring a token, which is made at the first start and kept in a file that only you can read. It is never told
/// unless `--show-token` asks for it, so that it ends up in no log. `journal connect` says how clients are set up. Ctrl-C stops
/// the server once the calls that run are answered.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeCommand {
    #[command(flatten)]
    served: Served,

    /// The port; 0 for any that is free
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// Listen on this address instead of 127.0.0.1
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<IpAddr>,

    /// Let other machines in, although nothing is encrypted
    #[arg(long, requires = "bind")]
    i_know: bool,

    /// Write what there is to tell into a file, three of 5 MB at most; without a name into `serve.log` of the vault's state
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    log: Option<Option<PathBuf>>,

    /// Print the token, and serve nothing
    #[arg(long, conflicts_with_all = ["read_only", "no_watch", "tools", "port", "bind", "log"])]
    show_token: bool,

    /// Tell whether a server of this vault runs, and serve nothing; exit 1 when none does
    #[arg(long, conflicts_with_all = ["read_only", "no_watch", "tools", "port", "bind", "log", "show_token"])]
    status: bool,

    /// Print the status as one JSON object
    #[arg(long, requires = "status")]
    pub json: bool,
}

/// How long threads that still work may take to end after the last answer. What they acknowledged is on the disk.
const PARTING: Duration = Duration::from_secs(5);

impl ServeCommand {
    /// Runs the command, until a signal ends it.
    ///
    /// # Errors
    /// When there is no vault, no token, or nothing to listen on.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        if self.status {
            return standing::status(self.json, world);
        }
        let token_path = token_path(world)?;
        if self.show_token {
            let token = token_file::read_or_make(&token_path).map_err(ServeError::from)?;
            world.output.bytes(format!("{}\n", token.reveal()).as_bytes())?;
            return Ok(Exit::Ok);
        }
        let ip = self.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        if !ip.is_loopback() && !self.i_know {
            return Err(ServeError::OpenToOthers(ip).into());
        }
        let agent = caller::of_many(world.global.agent.as_deref())?;
        let token = token_file::read_or_make(&token_path).map_err(ServeError::from)?;
        let place = world.open(self.served.need())?;
        let named = self.log.clone().map(|named| named.map(|path| world.environment.folder.join(path)));
        let log = Log::new(named, &place, world.output)?;
        let served = self.serve(ip, place, (agent, token), &log, world);
        if let Err(failure) = &served {
            log.line(&format!("stopped by an error: {}", rim::message(failure)));
        }
        served
    }

    /// Serves a vault at an address, until a signal ends it.
    fn serve(
        &self,
        ip: IpAddr,
        place: Place,
        (agent, token): (Identified, Token),
        log: &Log,
        world: &World,
    ) -> Result<Exit, Failure> {
        let config = place.config.clone();
        let vault = place.engine.vault().root().display().to_string();
        let token_path = token_path(world)?;
        let serving = place.engine.serving();
        let server = self.served.server(place, world, agent, true, log.lead())?;
        let traffic = Arc::<Traffic>::default();
        let usual = config.port.value;
        let address = SocketAddr::new(ip, self.port.unwrap_or(usual));
        let options = HttpOptions {
            token,
            origins: config.allowed_origins.value,
            hosts: config.allowed_hosts.value,
            limits: Limits::default(),
            traffic: Arc::clone(&traffic),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(ServeError::Runtime)?;
        let served = runtime.block_on(async {
            // From here on a signal stops the server and no longer the process.
            let asked = asked_to_stop().map_err(ServeError::Runtime)?;
            let listener = TcpListener::bind(address).await.map_err(|source| {
                let own = serving.standing().ok().flatten();
                let own = own.filter(|own| own.is_running && own.address == url(address));
                ServeError::Listen { address, own: own.map(|own| own.process.pid), source }
            })?;
            let address = listener.local_addr().map_err(ServeError::Runtime)?;
            let token_path = token_path.display().to_string();
            let url = url(address);
            log.line(&format!("journal {} serves `{vault}` at {url}", env!("CARGO_PKG_VERSION")));
            let mut teller = Teller::begin(serving, url, traffic, world.output);
            world.output.answer(&told(address))?;
            if let Err(error) = ready::tell(&world.environment) {
                world.output.warn(format!("cannot tell systemd that the server can be called: {error}"));
            }
            let port = if address.port() == usual { String::new() } else { format!(" --port {}", address.port()) };
            world.output.note(format!(
                "Serving the vault `{vault}` until Ctrl-C. Clients are set up by `journal connect claude --http{port}`, \
                 likewise `codex` and `cursor`, and bring the token in {}.",
                quoted(&token_path)
            ));
            let stop = CancellationToken::new();
            let serving = http::serve(server, options, listener, stop.clone());
            let served = tokio::select! {
                served = until_asked(serving, stop, asked, world.output) => served,
                never = teller.go_on() => never,
            };
            teller.tell();
            if served.is_ok() {
                log.line("stopped, as it was asked to");
            }
            served.map_err(|error| Failure::from(ServeError::Runtime(error)))
        });
        runtime.shutdown_timeout(PARTING);
        served.map(|()| Exit::Ok)
    }
}

/// Where the token lies, or would.
///
/// # Errors
/// When the platform does not say where state goes.
pub fn token_path(world: &World) -> Result<PathBuf, PlaceError> {
    Ok(token_file::path(&world.config().data_dir.value.ok_or(PlaceError::NoDataHome)?))
}

/// The address, for a program that waits for it.
fn told(address: SocketAddr) -> Text {
    let mut text = Text::new();
    text.plain(url(address)).end();
    text
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}{}", http::PATH)
}

/// Serves until the first signal, then until what runs is answered; a second signal ends that.
async fn until_asked(
    serving: impl Future<Output = io::Result<()>>,
    stop: CancellationToken,
    asked: impl Future<Output = io::Result<()>>,
    output: Output,
) -> io::Result<()> {
    let mut serving = pin!(serving);
    tokio::select! {
        served = &mut serving => return served,
        asked = asked => asked?,
    }
    stop.cancel();
    output.note("Stopping once the calls that run are answered; the next signal ends it at once.");
    tokio::select! {
        served = serving => served,
        asked = asked_to_stop()? => asked,
    }
}
