package executor_test

import (
	"testing"

	"webmon/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
