use bakend::SelectValue;

#[derive(SelectValue)]
struct Plain;

#[derive(SelectValue)]
enum Empty {}

#[derive(SelectValue)]
enum Data {
    Text(String),
    Plain,
}

#[derive(SelectValue)]
#[select(rename_al = "kebab-case")]
enum Typo {
    #[select(name = "one")]
    One,
}

#[derive(SelectValue)]
enum Twice {
    One,
    #[select(rename = "one")]
    Two,
    #[select(rename = "")]
    Three,
}

#[derive(SelectValue)]
enum Generic<T> {
    One(T),
}

#[derive(SelectValue)]
#[select(rename_all = "Kebab-Case")]
enum Spelling {
    One,
}

#[derive(SelectValue)]
#[select(rename_all)]
enum Bare {
    #[select(rename = two)]
    Two,
}

#[derive(SelectValue)]
#[select = "kebab-case"]
enum Assigned {
    One,
}

fn main() {}
