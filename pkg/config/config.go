// Package config reads settings from the environment, and from a file .env where
// there is one, into the structs that services declare beside their Run.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"

	"github.com/joho/godotenv"
	"github.com/kelseyhightower/envconfig"
)

// validator is a configuration that can tell what is wrong with it.
type validator interface{ Validate() error }

// Load fills spec, a pointer to a struct with envconfig tags. Variables already
// set win over those of the file; a missing file is no error. The error of a
// setting that is wrong names it, what it is and what it should be; a value
// tagged secret:"true" is not repeated.
func Load(dotenv string, spec validator) error {
	if err := godotenv.Load(dotenv); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read %s: it has to hold lines NAME=value: %w", dotenv, err)
	}
	if err := envconfig.Process("", spec); err != nil {
		if parse, ok := errors.AsType[*envconfig.ParseError](err); ok {
			return explain(parse, spec)
		}
		return fmt.Errorf("read settings: %w", err)
	}
	return spec.Validate()
}

func explain(parse *envconfig.ParseError, spec any) error {
	value := fmt.Sprintf("%q", parse.Value)
	desc := ""
	if field, ok := find(reflect.TypeOf(spec).Elem(), parse.KeyName); ok {
		desc = field.Tag.Get("desc")
		if field.Tag.Get("secret") == "true" {
			value = "set, but"
		}
	}
	return fmt.Errorf("%s is %s not a %s: %s", parse.KeyName, value, kind(parse.TypeName), desc)
}

func kind(typeName string) string {
	switch typeName {
	case "time.Duration":
		return "duration such as 500ms, 10s or 2m"
	case "int", "int32", "int64", "uint16":
		return "whole number"
	case "bool":
		return "truth value (true or false)"
	default:
		return typeName
	}
}

// find looks a field up by its setting's name, through embedded structs.
func find(t reflect.Type, key string) (reflect.StructField, bool) {
	for field := range t.Fields() {
		if field.Tag.Get("envconfig") == key {
			return field, true
		}
		if field.Type.Kind() == reflect.Struct {
			if inner, ok := find(field.Type, key); ok {
				return inner, true
			}
		}
	}
	return reflect.StructField{}, false
}

// Setting is one environment variable that a configuration reads.
type Setting struct {
	Name, Default, Description string
	Secret                     bool
}

// Describe lists the settings of a configuration struct in the order of its
// fields; .env.example and the tables in docs/ are printed from it.
func Describe(spec any) []Setting {
	t := reflect.TypeOf(spec)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return describe(t)
}

func describe(t reflect.Type) []Setting {
	var settings []Setting
	for field := range t.Fields() {
		if name := field.Tag.Get("envconfig"); name != "" {
			settings = append(settings, Setting{
				Name: name, Default: field.Tag.Get("default"),
				Description: field.Tag.Get("desc"), Secret: field.Tag.Get("secret") == "true",
			})
		} else if field.Type.Kind() == reflect.Struct {
			settings = append(settings, describe(field.Type)...)
		}
	}
	return settings
}
