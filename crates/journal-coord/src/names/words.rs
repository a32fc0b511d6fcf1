//! The words that names of agents are made of: sorted, friendly, easy to say and to type.

// One word a line would be four hundred lines.
#![cfg_attr(rustfmt, rustfmt_skip)]

/// How an agent is.
pub(super) const ADJECTIVES: [&str; 151] = [
    "able", "agile", "airy", "amber", "ample", "apt", "arctic", "artful", "autumn", "avid", "azure", "balmy",
    "beaming", "blithe", "bold", "bonny", "bouncy", "brave", "breezy", "bright", "brisk", "bubbly", "calm", "candid",
    "canny", "caring", "casual", "cheery", "chipper", "classic", "clever", "cosmic", "cosy", "crisp", "curious",
    "dainty", "dapper", "daring", "dashing", "deft", "devoted", "dreamy", "driven", "eager", "earnest", "easy",
    "elated", "elegant", "epic", "fair", "famous", "fearless", "festive", "fluffy", "fond", "frank", "free", "fresh",
    "friendly", "frosty", "funny", "gallant", "genial", "gentle", "gifted", "giving", "glad", "gleeful", "glowing",
    "golden", "grand", "grateful", "happy", "hardy", "hearty", "helpful", "honest", "hopeful", "humble", "ideal",
    "jaunty", "jolly", "jovial", "joyful", "keen", "kind", "lively", "loyal", "lucid", "lucky", "lunar", "mellow",
    "merry", "mighty", "mild", "mindful", "modest", "neat", "nifty", "nimble", "noble", "patient", "peaceful",
    "placid", "playful", "plucky", "polite", "proud", "quick", "quiet", "radiant", "rapid", "ready", "regal",
    "robust", "rosy", "rustic", "serene", "sharp", "shiny", "silent", "silver", "sincere", "smart", "smooth",
    "snappy", "snowy", "snug", "sober", "solar", "spry", "steady", "sterling", "stoic", "sturdy", "sunny", "swift",
    "tactful", "tender", "thrifty", "tidy", "tranquil", "trusty", "upbeat", "valiant", "vivid", "warm", "wise",
    "witty", "young", "zesty",
];

/// What an agent is.
pub(super) const ANIMALS: [&str; 191] = [
    "albatross", "alpaca", "ant", "antelope", "armadillo", "badger", "barbet", "bear", "beaver", "bee", "beetle",
    "bison", "bittern", "bobcat", "bongo", "buffalo", "bunny", "butterfly", "buzzard", "camel", "canary", "capybara",
    "caracal", "cardinal", "caribou", "cat", "cheetah", "chinchilla", "chipmunk", "cicada", "civet", "condor",
    "corgi", "cormorant", "coyote", "crab", "crane", "cricket", "crow", "curlew", "deer", "dingo", "dolphin",
    "donkey", "dormouse", "dove", "dragonfly", "duck", "eagle", "eel", "egret", "eland", "elephant", "elk", "emu",
    "ermine", "falcon", "ferret", "finch", "firefly", "flamingo", "fox", "gannet", "gazelle", "gecko", "gerbil",
    "gibbon", "giraffe", "gnu", "goat", "goldfinch", "goose", "grebe", "grouse", "gull", "hamster", "hare", "hawk",
    "hedgehog", "heron", "hippo", "hornbill", "horse", "hound", "hummingbird", "ibex", "ibis", "iguana", "impala",
    "jackal", "jackdaw", "jaguar", "jay", "jerboa", "kangaroo", "kestrel", "kingfisher", "kite", "kitten", "kiwi",
    "koala", "kudu", "ladybird", "lark", "lemming", "lemur", "leopard", "linnet", "lion", "lizard", "llama",
    "lobster", "lynx", "macaw", "magpie", "mallard", "manatee", "marmot", "marten", "meerkat", "mole", "mongoose",
    "moose", "moth", "narwhal", "newt", "nightingale", "ocelot", "octopus", "okapi", "oriole", "oryx", "osprey",
    "otter", "owl", "panda", "panther", "parrot", "partridge", "peacock", "pelican", "penguin", "petrel", "pheasant",
    "pigeon", "pika", "plover", "pony", "puffin", "puma", "quail", "quokka", "rabbit", "raccoon", "raven", "reindeer",
    "robin", "salmon", "sandpiper", "seahorse", "seal", "serval", "shrew", "skylark", "sloth", "sparrow", "squid",
    "squirrel", "starling", "stork", "swallow", "swan", "tapir", "tern", "thrush", "tiger", "toucan", "trout",
    "turtle", "vole", "wagtail", "walrus", "warbler", "weasel", "whale", "wolf", "wombat", "woodpecker", "wren",
    "yak", "zebra",
];
