package mail_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"webmon/roles/dispatcher/notify/mail"
)

// Whatever the server is at, sending ends when its context does.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"EHLO", "MAIL", "DATA", "end"} {
		reached, release := make(chan struct{}), make(chan struct{})
		s := newSMTP(t, func(s *smtpServer) {
			s.hang = func(verb string) {
				if verb == at {
					close(reached)
					<-release
				}
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		ended := make(chan error, 1)
		go func() {
			_, err := s.server("one@example.org").Send(ctx, letter)
			ended <- err
		}()
		<-reached
		cancel()
		select {
		case err := <-ended:
			if err == nil || errors.Is(err, mail.ErrUnsure) != (at == "end") {
				t.Errorf("%s: %v", at, err)
			}
		case <-inTime(t).Done():
			t.Errorf("%s: it goes on", at)
		}
		close(release)
	}
}
