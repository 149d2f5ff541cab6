package executor

// KnowsCompany tells whether the executor knows if others live.
func (e *Executor) KnowsCompany() bool { return e.company.alone() || e.company.others() }
