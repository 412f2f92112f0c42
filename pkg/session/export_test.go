package session

// ApplyTo gives tests the fields that r sets.
func (r References) ApplyTo(sess *Session) error {
	_, err := r.apply(sess)
	return err
}
