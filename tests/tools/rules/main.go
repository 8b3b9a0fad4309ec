// Command rules reads alert rules (.yml) and Grafana dashboards (.json) by
// Prometheus's own parser and prints the names of the metrics that they query,
// one a line. It ends with an error when one of them cannot be read. The tests
// of the files that the project ships run it; nothing else does.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// promql reads queries.
var promql = parser.NewParser(parser.Options{})

func main() {
	names := map[string]bool{}
	var errs []error
	for _, file := range os.Args[1:] {
		errs = append(errs, read(file, names))
	}
	if err := errors.Join(errs...); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Println(name)
	}
}

func read(file string, names map[string]bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var queries []string
	switch filepath.Ext(file) {
	case ".yml":
		queries, err = rules(text)
	case ".json":
		queries, err = panels(text)
	default:
		err = errors.New("neither .yml nor .json")
	}
	if err == nil && len(queries) == 0 {
		err = errors.New("it queries nothing")
	}
	for _, q := range queries {
		err = errors.Join(err, metrics(q, names))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// rules are the expressions of a file of alert rules.
func rules(text []byte) (queries []string, err error) {
	groups, errs := parse(text)
	for _, g := range groups {
		for _, r := range g.Rules {
			queries = append(queries, r.Expr)
			if r.Alert == "" || r.Annotations["summary"] == "" || r.Labels["severity"] == "" {
				errs = append(errs, fmt.Errorf("rule %q of %s: it needs a name, a summary and a severity", r.Alert, r.Expr))
			}
		}
	}
	return queries, errors.Join(errs...)
}

func parse(text []byte) ([]rulefmt.RuleGroup, []error) {
	groups, errs := rulefmt.Parse(text, false, model.LegacyValidation, promql, slog.Default())
	if groups == nil {
		return nil, errs
	}
	return groups.Groups, errs
}

// panels are the expressions of a dashboard, and what its variables ask for.
func panels(text []byte) (queries []string, err error) {
	var d struct {
		Panels []struct {
			Title, Type string
			Targets     []struct{ Expr string }
		}
		Templating struct {
			List []struct{ Type, Query string }
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	for _, p := range d.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			err = errors.Join(err, fmt.Errorf("panel %q shows nothing", p.Title))
		}
		for _, t := range p.Targets {
			queries = append(queries, strings.ReplaceAll(t.Expr, "$agent", ".*"))
		}
	}
	for _, v := range d.Templating.List {
		if list, ok := strings.CutPrefix(v.Query, "label_values("); ok {
			metric, _, _ := strings.Cut(list, ",")
			queries = append(queries, metric)
		}
	}
	return queries, err
}

// metrics adds the names of the metrics of an expression.
func metrics(query string, names map[string]bool) error {
	expr, err := promql.ParseExpr(query)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			for _, m := range v.LabelMatchers {
				if m.Name == labels.MetricName {
					names[m.Value] = true
				}
			}
		}
		return nil
	})
	return nil
}
