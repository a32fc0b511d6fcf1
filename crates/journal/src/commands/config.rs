//! `journal config`: the settings, and where they come from.

use clap::Subcommand;

use crate::{
    config::{CONFIG, Config, KEYS, Key, Origin},
    failure::Failure,
    json::{self, ConfigValue, versioned},
    place::{Need, World},
    rim::Exit,
    text::{Text, table::Table},
};

/// Show the settings and where they come from
#[derive(Debug, clap::Args)]
pub struct ConfigCommand {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// Print one JSON object
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Every setting with its value and where that comes from
    List,
    /// Where the configuration files lie, or would
    Path,
}

impl ConfigCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When a configuration file is broken.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        match self.verb.unwrap_or(Verb::List) {
            Verb::List => self.list(world),
            Verb::Path => self.path(world),
        }
    }

    fn list(&self, world: &World) -> Result<Exit, Failure> {
        // Settings can be looked at where there is no vault, too.
        let config = match world.find_vault() {
            Ok(root) => world.open_at(&root, Need::Reading)?.config,
            Err(_) => world.config(),
        };
        if self.json {
            let settings = settings(&config).map(|(key, value, origin)| ConfigValue {
                key: key.name,
                value,
                origin: origin.as_str(),
            });
            world.output.json(&versioned(json::ConfigList { settings: settings.collect() }))?;
            return Ok(Exit::Ok);
        }
        let mut table = Table::new(vec!["key", "from", "value"]);
        for (key, value, origin) in settings(&config) {
            let value = if value.is_empty() { "—".to_owned() } else { value };
            table.row(vec![key.name.to_owned(), origin_of(key, origin).to_owned(), value]);
        }
        // Values are copied from here, so they are not cut.
        world.output.answer(&table.text(None))?;
        Ok(Exit::Ok)
    }

    fn path(&self, world: &World) -> Result<Exit, Failure> {
        let user = world.environment.user_config().map(|path| path.display().to_string());
        let vault = world.find_vault().ok().map(|root| root.join(CONFIG).display().to_string());
        if self.json {
            world.output.json(&versioned(json::Paths { user, vault }))?;
            return Ok(Exit::Ok);
        }
        let mut text = Text::new();
        text.field("yours", user.as_deref().unwrap_or("nowhere: `HOME` is not set"));
        text.field("vault's", vault.as_deref().unwrap_or("there is no vault here"));
        world.output.answer(&text)?;
        Ok(Exit::Ok)
    }
}

fn settings(config: &Config) -> impl Iterator<Item = (&'static Key, String, Origin)> {
    KEYS.iter().filter_map(|key| (key.show)(config).map(|(value, origin)| (key, value, origin)))
}

fn origin_of(key: &Key, origin: Origin) -> &'static str {
    match origin {
        Origin::Flag => key.flag.unwrap_or("an option"),
        Origin::Variable => key.variable.map_or("the environment", |variable| variable.name),
        Origin::Vault => "the vault",
        Origin::User => "your configuration",
        Origin::Default => "default",
    }
}
