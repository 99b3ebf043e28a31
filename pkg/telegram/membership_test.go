package telegram_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram"
)

func TestMembershipIsWhatTheBotCanHear(t *testing.T) {
	t.Parallel()
	for member, want := range map[string]string{
		`{"status":"administrator","can_manage_chat":true}`: "administrator",
		`{"status":"member"}`:                               "member",
		`{"status":"restricted","is_member":true}`:          "restricted",
		`{"is_member":false,"status":"restricted"}`:         "left",
		`{"status":"restricted"}`:                           "restricted",
		`{"status":"kicked","until_date":0}`:                "kicked",
		`{"status":"of_a_later_version","is_member":false}`: "of_a_later_version",
	} {
		body := fmt.Sprintf(`{"update_id":1,"my_chat_member":{"chat":{"id":-5,"type":"supergroup"},"date":1794815520,"new_chat_member":%s}}`, member)
		u, err := telegram.Adapter{}.Decode([]byte(body), time.Now())
		if err != nil || len(u.Facts) != 1 {
			t.Fatalf("%s: %v, %v", member, u, err)
		}
		if got := u.Facts[0].GetBotMembershipChanged().GetStatus(); got != want {
			t.Errorf("%s is %q, want %q", member, got, want)
		}
	}
}
