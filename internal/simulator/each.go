package simulator

// DrawEachRequest lets w draw what becomes of each request one by one, as a fleet
// would, instead of by counts. It costs as much as there are requests, and is there
// to compare the two: they follow the same laws, with other numbers. It is to be
// called before anything is measured, and is not saved.
func (w *World) DrawEachRequest() { w.traffic.DrawEachRequest() }
