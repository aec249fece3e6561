package pdf

import (
	"os"
	"testing"

	"sohoa/pipeline/confine"
)

func TestMain(m *testing.M) {
	confine.Init()
	os.Exit(m.Run())
}
