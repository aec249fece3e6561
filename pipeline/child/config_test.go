package child

import (
	"testing"
	"time"

	"sohoa/pipeline/confine"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Command: []string{"verb"}}
	if err := good.WithDefaults().Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no command":      func(c *Config) { c.Command = nil },
		"no place":        func(c *Config) { c.Size = -1 },
		"negative time":   func(c *Config) { c.Timeout = -1 },
		"no requests":     func(c *Config) { c.MaxRequests = -1 },
		"negative memory": func(c *Config) { c.Limits.Memory = -1 },
		"long answers":    func(c *Config) { c.MaxAnswer = 1 << 40 },
	} {
		c := good
		change(&c)
		if _, err := NewPool[task, result](c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	c := Config{Command: []string{"verb"}, Limits: confine.Limits{CPU: time.Minute}}.WithDefaults()
	if got := c.limits().CPU; got != 200*time.Minute {
		t.Errorf("%v for the life of a child", got)
	}
}

func BenchmarkDo(b *testing.B) {
	p := newPool(b, Config{})
	echo(b, p)
	b.Run("small", func(b *testing.B) {
		for b.Loop() {
			echo(b, p)
		}
	})
	b.Run("a megabyte back", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.Do(b.Context(), task{What: "bytes", N: mib}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("with a new child", func(b *testing.B) {
		q := newPool(b, Config{MaxRequests: 1})
		for b.Loop() {
			echo(b, q)
		}
	})
}
