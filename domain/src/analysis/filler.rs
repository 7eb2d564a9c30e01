//! Words that say nothing about what was eaten. Teach it new prose here: a word listed
//! here is not looked up, unless it is part of an everyday name of several words.

use std::collections::BTreeSet;
use std::sync::LazyLock;

static LISTED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| FILLERS.split_whitespace().collect());
static STATES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| STATE_WORDS.split_whitespace().collect());

/// Whether to pass over a word, as typed: "a crisp apple" is no bag of crisps.
pub(super) fn is_filler(said: &str) -> bool {
    // "happily": an adverb names no food. Jelly has five letters.
    LISTED.contains(said) || (said.len() > 5 && said.ends_with("ly"))
}

/// One vague amount: "some", "a bit of".
pub(super) fn vague(said: &str) -> Option<f64> {
    match said {
        "bit" | "little" | "tad" | "touch" | "tiny" | "hint" => Some(0.5),
        "lot" | "lots" | "loads" | "plenty" => Some(1.5),
        _ => None,
    }
}

/// How a food was cut or cooked. Alone between commas it belongs to the food before:
/// "grapes, quartered".
pub(super) fn is_state(said: &str, word: &str) -> bool {
    STATES.contains(said) || STATES.contains(word)
}

/// How a food was cut up: it never says which food it is, outside an everyday name.
pub(super) fn is_cut(said: &str, word: &str) -> bool {
    const CUTS: [&str; 34] = [
        "cut",
        "quartered",
        "quarters",
        "halved",
        "halves",
        "lengthwise",
        "lengthways",
        "chopped",
        "diced",
        "sliced",
        "slices",
        "thinly",
        "finely",
        "squashed",
        "crushed",
        "smashed",
        "flaked",
        "peeled",
        "pitted",
        "stoned",
        "deboned",
        "skinless",
        "boneless",
        "mashed",
        "pureed",
        "blended",
        "grated",
        "shredded",
        "warm",
        "warmed",
        "homemade",
        "softened",
        "strips",
        "chunks",
    ];
    CUTS.contains(&said) || CUTS.contains(&word)
}

/// What is cut, and how: "cut in half", "sliced lengthwise into strips".
pub(super) fn is_cutting(said: &str) -> bool {
    matches!(
        said,
        "cut"
            | "cuts"
            | "sliced"
            | "chopped"
            | "diced"
            | "split"
            | "halved"
            | "broken"
            | "torn"
            | "lengthwise"
            | "lengthways"
            | "up"
    )
}

/// What something is cut into, as compared.
pub(super) fn is_part(word: &str) -> bool {
    matches!(
        word,
        "half"
            | "quarter"
            | "third"
            | "fourth"
            | "eighth"
            | "strip"
            | "piece"
            | "chunk"
            | "slice"
            | "cube"
            | "round"
            | "coin"
            | "ring"
            | "stick"
            | "matchstick"
            | "finger"
            | "wedge"
            | "bit"
            | "segment"
    )
}

/// What only holds a food or drink, as compared: alone it says nothing of what was in it.
pub(super) fn is_container(word: &str) -> bool {
    matches!(
        word,
        "cup" | "bottle" | "box" | "bowl" | "plate" | "beaker" | "mug" | "glass" | "carton" | "sippy" | "tray"
    )
}

/// What a food may be free of: then it is not in it.
pub(super) fn is_left_out(said: &str) -> bool {
    matches!(
        said,
        "honey"
            | "sugar"
            | "salt"
            | "dairy"
            | "milk"
            | "egg"
            | "gluten"
            | "wheat"
            | "grain"
            | "nut"
            | "nuts"
            | "peanut"
            | "soy"
            | "soya"
            | "sesame"
            | "lactose"
            | "fish"
            | "additive"
    )
}

/// Makers whose names sound like a food.
const BRANDS: [&[&str]; 16] = [
    &["beech", "nut"],
    &["plum", "organics"],
    &["ellas", "kitchen"],
    &["earths", "best"],
    &["once", "upon", "a", "farm"],
    &["happy", "baby"],
    &["happy", "tot"],
    &["happy", "family"],
    &["little", "freddie"],
    &["little", "spoon"],
    &["sprout", "organics"],
    &["serenity", "kids"],
    &["cow", "and", "gate"],
    &["little", "debbie"],
    &["taco", "bell"],
    &["burger", "king"],
];

/// Whether a maker's name begins so.
pub(super) fn begins_brand(said: &str) -> bool {
    BRANDS.iter().any(|brand| brand.first() == Some(&said))
}

/// How many of these words, as typed, are the name of a maker that sounds like a food: Beech-Nut sells no nuts.
pub(super) fn brand(said: &[&str]) -> usize {
    let long = BRANDS
        .iter()
        .filter(|brand| said.starts_with(brand))
        .map(|brand| brand.len());
    long.max().unwrap_or(0)
}

/// Whether words between two foods call the first by another name: "a pie, also known as".
pub(super) fn is_naming(between: &str) -> bool {
    const NAMING: [&[&str]; 5] = [
        &["which", "is"],
        &["which", "was"],
        &["known", "as"],
        &["otherwise", "called"],
        &["that", "is"],
    ];
    let words: Vec<&str> = between
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    NAMING.iter().any(|naming| words.windows(2).any(|run| run == *naming))
}

/// What follows a length, and belongs to it: "3 inches across".
pub(super) fn is_dimension(said: &str) -> bool {
    matches!(
        said,
        "long" | "wide" | "thick" | "tall" | "across" | "diameter" | "round" | "square"
    )
}

/// Words after which what follows was not eaten.
pub(super) fn is_negation(said: &str) -> bool {
    matches!(
        said,
        "no" | "without"
            | "not"
            | "never"
            | "minus"
            | "refused"
            | "rejected"
            | "skipped"
            | "avoiding"
            | "excluding"
            | "didnt"
            | "wouldnt"
            | "hasnt"
            | "havent"
            | "hold"
            | "except"
    )
}

/// Words that separate one food from the next.
pub(super) fn is_separator(said: &str) -> bool {
    matches!(
        said,
        "and"
            | "with"
            | "plus"
            | "on"
            | "in"
            | "into"
            | "then"
            | "alongside"
            | "along"
            | "followed"
            | "accompanied"
            | "complemented"
            | "topped"
            | "while"
            | "but"
            | "also"
            | "over"
            | "onto"
            | "under"
            | "w"
            | "n"
            | "between"
            | "paired"
            | "featuring"
            | "containing"
            | "including"
            | "atop"
            | "later"
            | "after"
            | "before"
            | "garnished"
            | "drizzled"
            | "sprinkled"
            | "smothered"
            | "sweetened"
            | "stuffed"
    )
}

/// Words after which, once a food was named, it is said where it came from or what it was
/// for: "from McDonald's", "for a healthy snack", "that was lovely".
pub(super) fn is_origin(said: &str) -> bool {
    matches!(
        said,
        "from" | "at" | "by" | "for" | "to" | "that" | "which" | "as" | "because" | "until"
    )
}

/// Whether words between two foods say that the first is made of the second.
pub(super) fn is_making(between: &str) -> bool {
    says_any(between, is_made)
}

/// Whether one of the words of a text is such.
fn says_any(text: &str, is_such: impl Fn(&str) -> bool) -> bool {
    text.split(|c: char| !c.is_alphabetic())
        .any(|word| is_such(&word.to_lowercase()))
}

/// "made", "filled": what follows is in it.
pub(super) fn is_made(said: &str) -> bool {
    const MAKING: [&str; 11] = [
        "made",
        "filled",
        "stuffed",
        "containing",
        "included",
        "includes",
        "including",
        "consisting",
        "combined",
        "enriched",
        "loaded",
    ];
    MAKING.contains(&said)
}

/// Whether words between two foods set the second beside the first: "paired with".
pub(super) fn is_beside(between: &str) -> bool {
    const BESIDE: [&str; 16] = [
        "paired",
        "accompanied",
        "alongside",
        "along",
        "together",
        "complemented",
        "followed",
        "plus",
        "side",
        "next",
        "washed",
        "beside",
        "then",
        "while",
        "before",
        "after",
    ];
    says_any(between, |word| BESIDE.contains(&word))
}

/// Whether words between two foods put the second to the first, rather than beside it.
pub(super) fn is_putting_on(between: &str) -> bool {
    const PUTTING: [&str; 15] = [
        "with",
        "on",
        "in",
        "inside",
        "topped",
        "covered",
        "coated",
        "over",
        "served",
        "featuring",
        "smothered",
        "drizzled",
        "sprinkled",
        "nestled",
        "of",
    ];
    says_any(between, |word| PUTTING.contains(&word))
}

/// A word of grammar, which says nothing of a food in whose name it is: "rice, cream of".
pub(super) fn is_grammar(said: &str) -> bool {
    matches!(
        said,
        "a" | "an" | "the" | "of" | "to" | "and" | "or" | "as" | "in" | "with" | "for" | "from" | "by" | "at" | "on"
    )
}

/// A taste or a look, not a food: alone it names nothing ("for a sweet treat").
pub(super) fn is_taste(said: &str) -> bool {
    const TASTES: [&str; 19] = [
        "sweet",
        "creamy",
        "fruity",
        "cheesy",
        "sugary",
        "salty",
        "spicy",
        "frothy",
        "chocolaty",
        "nutty",
        "buttery",
        "soft",
        "light",
        "hot",
        "frozen",
        "hard",
        "topping",
        "mix",
        "coated",
    ];
    TASTES.contains(&said)
}

/// What a number may count that is no amount of food: "a 90 calorie bar".
pub(super) fn is_measured_otherwise(said: &str) -> bool {
    matches!(
        said,
        "calorie"
            | "calories"
            | "kcal"
            | "inch"
            | "inches"
            | "percent"
            | "month"
            | "months"
            | "year"
            | "years"
            | "am"
            | "pm"
            | "oclock"
            | "minutes"
            | "minute"
            | "mins"
            | "min"
            | "hours"
            | "cm"
            | "mm"
            | "th"
            | "nd"
            | "st"
            | "rd"
    )
}

pub(super) fn is_minutes(said: &str) -> bool {
    matches!(said, "minutes" | "minute" | "mins" | "min")
}

const STATE_WORDS: &str = "
raw cooked boiled steamed roasted roast baked fried grilled poached scrambled mashed pureed puree
blended grated shredded chopped diced sliced slice minced ground halved half halves quartered
quarter quarters cut squashed crushed smashed flaked flakes melted toasted warm warmed cold hot
plain unsalted salted unsweetened sweetened peeled skinless boneless deboned pitted stoned
lengthwise lengthways thinly thin thick finely small large big whole soft softened soaked dry dried
fresh frozen tinned canned drained strips strip piece pieces chunk chunks finger fingers matchsticks
spread thinned watered down homemade pasteurised pasteurized unpasteurised unpasteurized diluted
";

const FILLERS: &str = "
a absolutely add added adding addition additional adorned afternoon again age ahead all also amount an
another any appreciated are around array as aside ask assorted assortment at ate atop away
babys balanced be beautifully became been began begin being bedtime best better big blend boost both
break breakfast brewed brief bright bring brought brunch bursting bubbly by
cafeteria came chilled chilly chose classic cold colorful coating coatings composed comfort comforting combination combined combining
complement complemented complete consisted consisting consumed convenient cool couldnt cozy crafted craving crust
cravings created creating creaminess crisp crispy crunch crunchy crust icy
daily daughter day days decided decadent dee delectable delicate delicious deliciously delight delightful
delighting delightfully designed desire devoured did dinner dinnertime dipped dipping do down drank dressed drink
drunk drizzled during
each earlier early easy eat eaten eating either else enhance enhanced enhancing energized energize enjoy
enjoyable enjoyed enjoying enriched enriching enticing entire evening eve even eventually everything evenings
extra
fizzy frosty frozen-over fantastic favorite favourite feasted featured featuring feature fed feed feeding feel few filled filling fill
fine finish finished first flavor flavorful flavors flavour flavours flavoured fluffy followed following for
fresh freshly from fueled fulfilling fun further
gave generous generously get giving gently go golden good goodness gooey got grab grabbed great gulped gerber gerbers
had hand handy has have having he hearty helping her hers him his hit hint hold hot hunger hungry hydrated
i ideal im in ins included includes including indeed individual indulge indulged indulgence indulging instead
intake invigorating irresistible is it item items its itself ive
juicy just
keep keeping kept kick kicked kickstart kid kids kind known
last late lately later left layer layered leftover leftovers leisurely light lightly like liked little lovely loaded
local lots lunch lunchtime luscious
made main make measuring making manner many mealtime meal meals me midday midmorning mid mini-meal mixture moment month
months moist more morning mornings mostly mouthwatering much munched munching my myself
nap new next nfs nibbled nibbling nice nicely night nightly no-fuss noon nourishing now nutritious
of off ok okay old once one-off only opened opt opted option or order ordered other our out own
packed pair paired pairing part partially particular past perfect perfection perfectly perfectly-cooked personal
pick pleasant place placed plate plus poured prep prepared presented pretty provided providing put
mixed dish choice break dessert ripe straight found pick-me-up cracked way bringing burst reminiscent equal infants squeezy squeeze actually
quench quenching quick quickly quite
rather reached ready real really right refresh refreshed refreshing rehydrate relaxing relish relished relishing
resist restaurant rewarding rest rich robust round rounded routine
s same side sides sat satisfaction satisfied satisfy satisfying savor savored savoring savory savoury school seasoned second
selected selection serve served serving settled several share shared she sipped sipping simple simply single
size sized slathered slightly small smooth snack snacked snacking snacks snacktime so solid some something son
soothing sort special specifically stage standard start started starting steaming still straightforward
style substantial such succulent supper sweetness swallowed
stripped t take taken taste tastes tasted tasty teatime temperature tender texture textured than that thats thick-cut the their them then there
these they thing third thirst this those though through throughout time times tin to today todays together
toddler tonight tonights too took tooth top topped total totaling treat treated treating tried try trying twist
type typical
ultimate under unwind until up us used using usual vitamins vitamin calcium
variety various very vibrant via
want wanted wrapped warm warming warmed warmth was washed we week weighing went were when where which while who wholesome
will wise wonderful wonderfully worth would
year years yesterday yes yet you young your yummy zesty zing
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_passed_over_and_food_is_not() {
        for word in ["happily", "delicious", "my", "had", "breakfast", "leftover"] {
            assert!(is_filler(word), "{word}");
        }
        for word in ["jelly", "banana", "milk", "toast", "apple", "rice"] {
            assert!(!is_filler(word), "{word}");
        }
    }
}
