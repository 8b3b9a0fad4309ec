package main

import (
	"context"
	"log/slog"
	"sync"
)

// lastError is a log that keeps the last error told, for a command to say why it
// gave up.
type lastError struct {
	mu  sync.Mutex
	err error
}

func (l *lastError) get() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Enabled is for warnings: who looks for a leader again and again tells failures so.
func (l *lastError) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle keeps the attribute "error".
func (l *lastError) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && a.Key == "error" {
			l.mu.Lock()
			l.err = err
			l.mu.Unlock()
		}
		return true
	})
	return nil
}

// WithAttrs forgets them.
func (l *lastError) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup forgets it.
func (l *lastError) WithGroup(string) slog.Handler { return l }
