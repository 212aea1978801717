package engine

// JudgeByMode judges each gate with the judge that its mode names.
type JudgeByMode struct{}

// Judge implements Judge.
func (JudgeByMode) Judge(g *Gate, e *Evidence) Verdict {
	if g.Mode == Sequential {
		return SequentialJudge{}.Judge(g, e)
	}
	return ThresholdJudge{}.Judge(g, e)
}
