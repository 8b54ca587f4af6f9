package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// findTarget returns the column, from 0, that target names or numbers among count
// columns. names is nil where columns have none.
func findTarget(target string, names []string, count int) (int, error) {
	if target == "" {
		return count - 1, nil
	}
	if first := slices.Index(names, target); first >= 0 {
		if second := slices.Index(names[first+1:], target); second >= 0 {
			return 0, fmt.Errorf("target %q names columns %d and %d; give the number of one", target, first+1, first+second+2)
		}
		return first, nil
	}
	n, err := strconv.Atoi(target)
	switch {
	case err == nil && 1 <= n && n <= count:
		return n - 1, nil
	case err == nil:
		return 0, fmt.Errorf("target %d: columns are numbered from 1 to %d", n, count)
	case names == nil:
		return 0, fmt.Errorf("target %q: columns have no names here; give a number from 1 to %d", target, count)
	}
	return 0, fmt.Errorf("target %q: no such column%s; there are %s", target, nearestName(target, names), listNames(names))
}

// nearestName suggests the name that differs least from want, if it is a likely slip:
// at most two edits in five letters.
func nearestName(want string, names []string) string {
	best, edits := "", max(1, len(want)*2/5)+1
	for _, name := range names[:min(len(names), 1000)] {
		if len(name) > 100 || len(want) > 100 {
			continue
		}
		if d := editDistance(strings.ToLower(want), strings.ToLower(name)); d < edits {
			best, edits = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// editDistance is the number of bytes to insert, delete or replace that turn a into b
// (Wagner and Fischer, 1974).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1) // row[j] is the distance from a[:i] to b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// listNames quotes the first names, and counts the others.
func listNames(names []string) string {
	const most = 20
	shown := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, quoteShort(name))
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// columnNames splits the names of count columns, x1, x2, … where there are none, into
// those of the features and that of the target, a column from 0.
func columnNames(names []string, count, target int) (features []string, targetName string) {
	features = make([]string, count)
	for j := range features {
		if names != nil && names[j] != "" {
			features[j] = names[j]
		} else {
			features[j] = "x" + strconv.Itoa(j+1)
		}
	}
	targetName = features[target]
	return slices.Delete(features, target, target+1), targetName
}
