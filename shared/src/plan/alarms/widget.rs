//! Widgets of dashboards, as CloudWatch writes them down, and their places on the grid.
//!
//! Source: CloudWatch API reference, "Dashboard body structure and syntax".

use serde_json::{Value, json};

use crate::model::{AccountId, Metric, Region};

/// Columns of the grid.
const COLUMNS: u32 = 24;

/// A widget without its place.
#[derive(Debug, Clone)]
pub struct Widget {
    pub kind: &'static str,
    /// In columns.
    pub width: u32,
    /// In rows.
    pub height: u32,
    pub properties: Value,
}

/// A line of a graph.
#[derive(Debug, Clone)]
pub struct Line {
    pub metric: Metric,
    pub label: String,
    pub statistic: &'static str,
    /// The account that has it, if it isn't the dashboard's.
    pub account: Option<AccountId>,
}

/// A graph over time.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'a> {
    pub title: &'a str,
    pub region: &'a Region,
    /// In seconds.
    pub period: u32,
    /// Whether lines are put on top of each other.
    pub stacked: bool,
    pub width: u32,
    /// Where a limit is drawn, and what it is called.
    pub limit: Option<(f64, &'a str)>,
}

impl Widget {
    /// Text in Markdown over the whole width.
    pub fn text(markdown: &str, height: u32) -> Self {
        Self { kind: "text", width: COLUMNS, height, properties: json!({ "markdown": markdown }) }
    }

    /// The states of alarms.
    pub fn alarms(title: &str, arns: &[String]) -> Self {
        // Four in a line, and a line for the title.
        let lines = u32::try_from(arns.len().div_ceil(4)).unwrap_or(u32::MAX);
        let height = lines.saturating_add(1).clamp(2, 12);
        Self { kind: "alarm", width: COLUMNS, height, properties: json!({ "title": title, "alarms": arns }) }
    }

    /// How many metrics it draws.
    pub fn metrics(&self) -> usize {
        self.properties.get("metrics").and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// A graph of these lines.
    pub fn graph(graph: Graph<'_>, lines: &[Line]) -> Self {
        let metrics: Vec<Value> = lines.iter().map(Line::value).collect();
        let mut properties = json!({
            "title": graph.title,
            "view": "timeSeries",
            "stacked": graph.stacked,
            "region": graph.region,
            "period": graph.period,
            "metrics": metrics,
            "yAxis": { "left": { "min": 0 } },
        });
        if let (Some((value, label)), Some(properties)) = (graph.limit, properties.as_object_mut()) {
            let limit = json!({ "value": value, "label": label });
            properties.insert("annotations".to_owned(), json!({ "horizontal": [limit] }));
        }
        Self { kind: "metric", width: graph.width, height: 6, properties }
    }
}

impl Line {
    fn value(&self) -> Value {
        let Self { metric, label, statistic, account } = self;
        let mut line = vec![json!(metric.namespace), json!(metric.name)];
        line.extend(metric.dimensions.iter().flat_map(|(name, value)| [json!(name), json!(value)]));
        // What begins with this is an expression to CloudWatch.
        let label = label.replace("${", "$ {");
        let mut options = json!({ "label": label, "stat": statistic });
        if let (Some(account), Some(options)) = (account, options.as_object_mut()) {
            options.insert("accountId".to_owned(), json!(account));
        }
        line.push(options);
        Value::Array(line)
    }
}

/// The body of a dashboard: widgets from left to right and from top to bottom.
pub fn body(widgets: &[Widget]) -> String {
    let (mut x, mut y, mut row) = (0, 0, 0);
    let mut placed = Vec::new();
    for Widget { kind, width, height, properties } in widgets {
        if x + width > COLUMNS {
            (x, y, row) = (0, y + row, 0);
        }
        placed.push(json!({
            "type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties,
        }));
        x += width;
        row = row.max(*height);
    }
    json!({ "widgets": placed }).to_string()
}

/// Text for Markdown that means nothing but itself, in one line.
pub fn plain(text: &str) -> String {
    let letter = |letter: char| match letter {
        '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '|' | '~' | '!' => format!("\\{letter}"),
        letter if letter.is_control() => " ".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widgets_lie_beside_each_other_as_far_as_there_is_room() {
        let widget = |width, height| Widget { kind: "text", width, height, properties: json!({ "markdown": "" }) };
        let body: Value =
            serde_json::from_str(&body(&[widget(24, 2), widget(12, 6), widget(12, 3), widget(8, 1)])).unwrap();
        let places: Vec<(u64, u64)> = body["widgets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|widget| (widget["x"].as_u64().unwrap(), widget["y"].as_u64().unwrap()))
            .collect();
        assert_eq!(places, [(0, 0), (0, 2), (12, 2), (0, 8)]);
    }

    #[test]
    fn name_that_somebody_chose_means_nothing_to_markdown() {
        assert_eq!(plain("a|b\n[x](javascript:1) `c`"), "a\\|b \\[x\\]\\(javascript:1\\) \\`c\\`");
    }
}
