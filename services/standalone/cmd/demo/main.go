// Command demo starts the program given as its arguments (standalone), waits
// until it works, and plays a team's conversation through its webhook. It runs
// for as long as the program does.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/services/standalone"
	"github.com/tasktracker/tasktracker/services/standalone/internal/demo"
)

func main() {
	service.Main("demo", func(ctx context.Context) error { return run(ctx, os.Args[1:]) })
}

func run(ctx context.Context, program []string) error {
	if len(program) == 0 {
		return errors.New("name the program to start: demo bin/standalone")
	}
	var cfg standalone.Config
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	if cfg.Port == 0 {
		return errors.New("PORT is 0: the demo has to know the port, so set one")
	}
	stand, err := standIn(cfg)
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, program[0], program[1:]...)
	if stand != nil {
		defer stand.Close()
		child.Env = append(os.Environ(), "TELEGRAM_API_BASE_URL="+stand.URL())
	}
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	// Ctrl-C reaches the child too; asking again is harmless, and kill reaches only us.
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = 30 * time.Second
	if err := child.Start(); err != nil {
		return fmt.Errorf("start %s: %w", program[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()

	playCtx, stopPlaying := context.WithCancel(ctx)
	played := make(chan error, 1)
	player := demo.Player{
		URL: base(cfg) + "/webhook/telegram", Secret: cfg.IngestConfig.TelegramWebhookSecret, Pause: 1500 * time.Millisecond, Telegram: stand,
	}
	go func() { played <- play(playCtx, cfg, &player) }()
	err = <-ended
	stopPlaying()
	playErr := <-played
	if ctx.Err() != nil {
		return nil // told to stop, and stopped
	}
	return errors.Join(err, playErr)
}

// standIn starts one for Telegram's Bot API; nil where a bot, or another Bot API, is set.
func standIn(cfg standalone.Config) (*demo.Telegram, error) {
	if cfg.IngestConfig.TelegramBotToken != "" || cfg.IngestConfig.TelegramAPIBaseURL != botapi.DefaultBaseURL {
		return nil, nil
	}
	return demo.StartTelegram()
}

// base is the address of the program that was started.
func base(cfg standalone.Config) string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(cfg.Port))
}

func play(ctx context.Context, cfg standalone.Config, player *demo.Player) error {
	chats, err := time.LoadLocation(cfg.APIConfig.TimeZone)
	if err != nil {
		return fmt.Errorf("CHAT_TIME_ZONE: %w", err)
	}
	if !waitReady(ctx, base(cfg)+"/readyz") {
		return nil
	}
	stand := player.Telegram
	if stand != nil {
		stand.Explain(os.Stdout, cfg.Port)
	}
	playAll := func() error {
		if err := player.Play(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		// The rest of the demo does without.
		if err := demo.Analyse(ctx, base(cfg), time.Now(), chats); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "demo: the page of analyses stays empty:", err)
		}
		return nil
	}
	err = playAll()
	wait := ""
	switch {
	case errors.Is(err, demo.ErrSecret):
		wait = "A bot was connected here before. Connect it again on the settings page: the conversation begins then."
	case err == nil && stand != nil && !stand.Connected():
		wait = "The conversation has been played. It is played again, by way of the stand-in, when you connect the bot."
	}
	if wait != "" && ctx.Err() == nil {
		fmt.Println(wait)
		if !player.AwaitConnection(ctx) {
			return nil
		}
		err = playAll()
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return err
	}
	if ctx.Err() == nil {
		fmt.Println("The conversation has been played; run the demo again for another one.")
	}
	return nil
}

func waitReady(ctx context.Context, url string) bool {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}
