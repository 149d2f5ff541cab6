package api

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
)

func (s *Server) pluginRoutes(api huma.API) {
	// Made on first use: the document is made without plugins.
	body := sync.OnceValue(func() pluginList { return viewPlugins(s.opts.Plugins) })
	register(s, api, huma.Operation{
		OperationID: "list-plugins", Method: http.MethodGet, Path: "/v1/plugins",
		Tags: []string{groupStatistics}, Summary: "List the plugins: what each measures and which options it takes",
		Description: "webmon plugins show NAME says the same, and so does docs/plugins.md.",
	}, storeBudget, func(context.Context, *noInput) (*pluginsOutput, error) {
		return &pluginsOutput{Body: body()}, nil
	})
}

type pluginList struct {
	Plugins []plugin `json:"plugins" nullable:"false" doc:"The plugins that are built in."`
}

type plugin struct {
	Name    string         `json:"name" example:"htmlstats" doc:"Its name, which begins the names of its metrics."`
	Doc     string         `json:"doc" example:"How long each phase of a fetch took." doc:"What it measures."`
	Metrics []metricDoc    `json:"metrics" nullable:"false" doc:"Every metric it can report."`
	Facts   []factDoc      `json:"facts" nullable:"false" doc:"Every fact it can report."`
	Options []pluginOption `json:"options" nullable:"false" doc:"Every option it takes."`
}

type metricDoc struct {
	Name string `json:"name" example:"tag_<name>_count" doc:"The metric's name; a part in angle brackets stands for many."`
	Unit string `json:"unit" example:"count" doc:"The metric's unit."`
	Doc  string `json:"doc" example:"Elements of this name." doc:"What it means."`

	Assertions []string `json:"assertions" nullable:"false" example:"[\"timing.first_byte_seconds\",\"timing.first_byte\",\"timing.ttfb\"]" doc:"What assertions can call it."`
}

type factDoc struct {
	Name       string   `json:"name" example:"title" doc:"The fact's name."`
	Doc        string   `json:"doc" example:"The title of the page." doc:"What it means."`
	Assertions []string `json:"assertions" nullable:"false" example:"[\"seo.title\"]" doc:"What assertions can call it."`
}

type pluginOption struct {
	Name    string `json:"name" example:"k" doc:"The option's name."`
	Type    string `json:"type" example:"number" doc:"What it takes."`
	Default string `json:"default" example:"4" doc:"Its value when nothing is given."`
	Doc     string `json:"doc" example:"How many standard deviations are usual." doc:"What it does."`
}

type pluginsOutput struct {
	Body pluginList
}

func viewPlugins(registry *plugins.Registry) pluginList {
	definitions := registry.Definitions()
	list := pluginList{Plugins: make([]plugin, len(definitions))}
	for i, d := range definitions {
		p := plugin{
			Name: d.Name, Doc: d.Doc,
			Metrics: make([]metricDoc, len(d.Metrics)), Facts: make([]factDoc, len(d.Facts)), Options: make([]pluginOption, len(d.Options)),
		}
		for j, m := range d.Metrics {
			p.Metrics[j] = metricDoc{Name: m.Name, Unit: m.Unit, Doc: m.Doc, Assertions: registry.Words(d.Name, m.Name)}
		}
		for j, f := range d.Facts {
			p.Facts[j] = factDoc{Name: f.Name, Doc: f.Doc, Assertions: registry.Words(d.Name, f.Name)}
		}
		for j, o := range d.Options {
			p.Options[j] = pluginOption(o)
		}
		list.Plugins[i] = p
	}
	return list
}
