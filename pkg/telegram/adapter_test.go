package telegram_test

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/channel/channeltest"
	"github.com/tasktracker/tasktracker/pkg/telegram"
)

func TestAdapter(t *testing.T) {
	channeltest.Run(t, telegram.Adapter{}, "testdata")
}

func FuzzDecode(f *testing.F) {
	channeltest.Fuzz(f, telegram.Adapter{}, "testdata")
}
