// Package migrationstest has rows for the tables of every version of the schema, as
// the releases that had it could have written them, for tests of upgrades.
package migrationstest

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed rows/*.sql
var files embed.FS

// Versions lists the versions that brought tables with rows of their own, ascending.
func Versions() ([]uint, error) {
	names, err := fs.Glob(files, "rows/*.sql")
	if err != nil {
		return nil, err
	}
	var versions []uint
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "rows/"), "_")
		version, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s does not begin with the number of a migration: %w", name, err)
		}
		versions = append(versions, uint(version))
	}
	return versions, nil
}

// Rows is the SQL that fills a database of a version: at least one row in every table
// that a migration up to it made.
func Rows(version uint) (string, error) {
	names, err := fs.Glob(files, "rows/*.sql")
	if err != nil {
		return "", err
	}
	versions, err := Versions()
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for i, name := range names {
		if versions[i] > version {
			break
		}
		sql, err := files.ReadFile(name)
		if err != nil {
			return "", err
		}
		all.Write(sql)
	}
	return all.String(), nil
}
