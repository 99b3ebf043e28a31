package embeddedpostgres

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"
)

const (
	// databaseName and roleName are those of the one database and its owner.
	databaseName = "tasktracker"
	roleName     = "tasktracker"
)

// Config says what to start. Only DataDir is required.
type Config struct {
	// DataDir is the program's data directory (DATA_DIR), made if it is missing.
	DataDir string

	// BinariesDir is the directory "native" of an @embedded-postgres package.
	// Empty: FindBinaries looks from the working directory and from the program.
	BinariesDir string

	// Log gets the server's own lines at debug level (warnings and worse as
	// such), and what the supervision does.
	Log zerolog.Logger

	// Settings are server settings (as in postgresql.conf) that add to or
	// replace the package's own.
	Settings map[string]string
}

func (c Config) validate() error {
	var faults []error
	if c.DataDir == "" {
		faults = append(faults, errors.New("DataDir is empty"))
	}
	for name := range c.Settings {
		switch name {
		case "listen_addresses", "port", "data_directory", "unix_socket_directories":
			faults = append(faults, fmt.Errorf("setting %s belongs to the package", name))
		}
	}
	return errors.Join(faults...)
}

// arguments are those of the postgres program. On the command line they hold
// over whatever the files in the data directory say, so that every start is
// alike.
func (c Config) arguments(dataDir string, port int) []string {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1",
		// TCP with SCRAM serves every client; socket paths have a length limit
		// that a deep DATA_DIR exceeds.
		"unix_socket_directories": "",
		"max_connections":         "100",
		"shared_buffers":          "256MB",
		"effective_cache_size":    "1GB",
		"fsync":                   "on",
		"synchronous_commit":      "on",
		"full_page_writes":        "on",
		"random_page_cost":        "1.1", // SSDs
		"jit":                     "off", // short queries; compiling costs more than it saves
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"lc_messages":             "C",
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"log_line_prefix":         "",
		"log_checkpoints":         "off",
		// Without statements, details and contexts: these quote the users' text.
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
	}
	maps.Copy(settings, c.Settings)
	args := []string{"-D", dataDir, "-p", fmt.Sprint(port)}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// absolute resolves DataDir and BinariesDir, so that a later change of working
// directory does not matter.
func (c Config) absolute() (Config, error) {
	var err error
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		return c, fmt.Errorf("resolve data directory: %w", err)
	}
	if c.BinariesDir != "" {
		if c.BinariesDir, err = filepath.Abs(c.BinariesDir); err != nil {
			return c, fmt.Errorf("resolve directory of binaries: %w", err)
		}
	}
	return c, nil
}
