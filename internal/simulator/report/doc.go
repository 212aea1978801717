// Package report draws what runs and campaigns found, as one HTML file that needs
// nothing else: pictures in SVG, readable in light and dark, the same bytes for the
// same figures.
package report
