package ai

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

const (
	// testTimeout bounds a test: proxies wait for a minute.
	testTimeout = 50 * time.Second
	// listTimeout bounds the list of models.
	listTimeout = 20 * time.Second
	// mostAuthors is how many names are masked in a sample.
	mostAuthors = 20_000
	sample      = "The export to Excel has been failing since this morning's deploy, nobody can download the reports. Please fix it today."
)

const (
	noLocal = "This build has no built-in classifier: choose a model server (provider openai)."
	tooLong = "The model server took longer than 50 s: see whether it runs and has loaded the model, then try again."
)

// Trial is what is to be tried; nil is as it is set.
type Trial struct {
	Text, BaseURL, Model, Key *string
}

// Report is what came of a trial.
type Report struct {
	openai.TestReport
	Model string
	// Detail is what is wrong and what to do; "" where all is well.
	Detail string
}

// Test has a sample judged. A provider that fails is no error; a trial that cannot be is
// contract.Faults.
func (a *AI) Test(ctx context.Context, provider string, trial Trial) (Report, error) {
	text := sample
	if trial.Text != nil {
		if text = strings.TrimSpace(*trial.Text); text == "" {
			return Report{}, contract.Fault("value", "must not be blank", "body", "text")
		}
	}
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	if provider == aisettings.Local {
		return a.testLocal(ctx, text)
	}
	settings, err := a.Settings(ctx)
	if err != nil {
		return Report{}, err
	}
	server, faults := trial.over(settings)
	if faults != nil {
		return Report{}, faults
	}
	report := Report{Model: server.Model}
	if trial.Key == nil && settings.KeyFault != nil {
		report.Detail = "Enter the key again: " + settings.KeyFault.Error()
		return report, nil
	}
	report.TestReport, err = a.ask(ctx, server, text)
	if err == nil {
		return report, nil
	}
	report.Detail, err = said(ctx, err)
	return report, err
}

// over puts a trial over the settings, with what is wrong with it.
func (t Trial) over(settings Settings) (openai.Config, contract.Faults) {
	server := settings.ModelServer
	for value, by := range map[*string]*string{&server.BaseURL: t.BaseURL, &server.Model: t.Model, &server.APIKey: t.Key} {
		if by != nil {
			*value = strings.TrimSpace(*by)
		}
	}
	server.Timeout = min(server.Timeout, testTimeout)
	var faults contract.Faults
	for _, fault := range aisettings.Faults(server.Validate()) {
		loc := []any{"body"}
		if field := aisettings.Field(fault.Setting); field != "" {
			loc = append(loc, field)
		}
		faults = append(faults, contract.Fault("value", aisettings.Words(fault.Problem), loc...)...)
	}
	if fault := keyFault(settings, server.BaseURL, t.Key); fault != "" {
		faults = append(faults, contract.Fault("value", fault, "body", "api_key")...)
	}
	return server, faults
}

func (a *AI) ask(ctx context.Context, server openai.Config, text string) (openai.TestReport, error) {
	names, err := a.Store.AuthorNames(ctx, mostAuthors)
	if err != nil {
		return openai.TestReport{}, err
	}
	classifier, err := openai.New(server, openai.WithLedger(a.Store.TokenLedger()), openai.WithAuthors(func() []string { return names }))
	if err != nil {
		return openai.TestReport{}, err
	}
	defer classifier.Close()
	return classifier.Test(ctx, classify.Input{Text: text})
}

// said makes a sentence of a fault of the model server; any other error it passes on.
func said(ctx context.Context, err error) (string, error) {
	switch {
	case openai.KindOf(err) != "":
		return aisettings.Words(err.Error()), nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return tooLong, nil
	}
	return "", err
}

func (a *AI) testLocal(ctx context.Context, text string) (Report, error) {
	if a.Local == nil {
		return Report{Model: aisettings.Local, Detail: noLocal}, nil
	}
	if err := a.adapt(ctx); err != nil {
		return Report{}, err
	}
	began := time.Now()
	results, err := a.Local.Classify(ctx, []classify.Input{{Text: text}})
	report := Report{Model: aisettings.Local, TestReport: openai.TestReport{Latency: time.Since(began)}}
	if err != nil {
		a.Log.Error().Err(err).Msg("the built-in classifier failed in a test")
		report.Detail = "The built-in classifier failed: the log of the api service has the cause."
		return report, nil
	}
	report.Valid, report.Result, report.Model = true, results[0], results[0].Model
	return report, nil
}

// ServerError is why a model server could not be asked.
type ServerError struct{ Detail string }

func (e *ServerError) Error() string { return e.Detail }

// Models lists what a server has: that of the settings, or another one, which does not get
// the key. It returns contract.Faults or *ServerError.
func (a *AI) Models(ctx context.Context, baseURL *string) ([]string, error) {
	settings, err := a.Settings(ctx)
	if err != nil {
		return nil, err
	}
	server := settings.ModelServer
	if baseURL != nil {
		server.BaseURL = strings.TrimSpace(*baseURL)
	}
	if !aisettings.SameServer(server.BaseURL, settings.BaseURL) {
		server.APIKey = ""
	}
	server.Model = "any" // none has been chosen yet
	server.Timeout = min(server.Timeout, listTimeout)
	if faults := aisettings.Faults(server.Validate()); len(faults) > 0 {
		return nil, contract.Fault("value", aisettings.Words(faults[0].Problem), "query", "base_url")
	}
	classifier, err := openai.New(server)
	if err != nil {
		return nil, err
	}
	defer classifier.Close()
	names, err := classifier.Models(ctx)
	if err == nil {
		return names, nil
	}
	if openai.KindOf(err) != "" {
		return nil, &ServerError{aisettings.Words(err.Error())}
	}
	return nil, err
}
