package store

import (
	"context"
	"fmt"
)

// AcknowledgeIncident notes that somebody has seen an open incident; nobody is
// reminded of it any more. The latest acknowledgement counts. It fails with
// ErrIncidentClosed and ErrNotFound.
func (s *Store) AcknowledgeIncident(ctx context.Context, id, by, note string) error {
	return s.handle(ctx, scriptAcknowledge, id, incidentHand{By: by, Note: note}, "acknowledged by "+by+noted(note), func(p *partition, _ string) []string {
		return []string{p.incidents, p.events}
	})
}

// CloseIncident closes an open incident by hand. When its asset is still bad, a
// new incident opens after as many bad checks as always. It fails with
// ErrIncidentClosed and ErrNotFound.
func (s *Store) CloseIncident(ctx context.Context, id, by, note string) error {
	why := closedByHand + noted(note)
	return s.handle(ctx, scriptCloseIncident, id, incidentHand{By: by, Why: why}, why, func(p *partition, asset string) []string {
		return append([]string{p.asset(asset)}, p.incidentKeys()...)
	})
}

const closedByHand = "closed by hand"

func noted(note string) string {
	if note == "" {
		return ""
	}
	return ": " + note
}

// incidentKeys are the keys that scripts need to close an incident.
func (p *partition) incidentKeys() []string {
	return []string{p.incidents, p.warning, p.critical, p.closed, p.events, p.notices}
}

func (s *Store) handle(ctx context.Context, sc *script, id string, hand incidentHand, message string, keys func(p *partition, asset string) []string) error {
	asset, number, ok := splitIncidentID(id)
	if !ok {
		return fmt.Errorf("incident %q: %w", id, ErrNotFound)
	}
	done, err := s.runInt(ctx, sc, keys(s.keys.of(asset), asset), s.nowArg(), asset, number, text(hand), message)
	switch {
	case err != nil:
		return err
	case done == 0:
		return fmt.Errorf("incident %s: %w", id, ErrIncidentClosed)
	case done < 0:
		return fmt.Errorf("incident %s: %w", id, ErrNotFound)
	}
	return nil
}
