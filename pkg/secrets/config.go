package secrets

import "errors"

// Config is the setting of the keys, of every service that opens or seals secrets.
type Config struct {
	SettingsEncryptionKey string `envconfig:"SETTINGS_ENCRYPTION_KEY" secret:"true" desc:"seals the secrets in the database: at least 32 characters, as 'openssl rand -base64 32' prints them; several with commas between, of which the first seals and all open. A single service needs it; standalone makes one in DATA_DIR"`
}

// Validate reports a key that is missing or weak, without quoting it.
func (c Config) Validate() error {
	if c.SettingsEncryptionKey == "" {
		return errors.New("SETTINGS_ENCRYPTION_KEY is empty: make a key with `openssl rand -base64 32`, and give the same one to every service")
	}
	return Check(c.SettingsEncryptionKey)
}
