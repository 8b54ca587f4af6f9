package file

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// findColumns returns the target column, from 0, and which of the count columns are ignored.
// names is nil if the columns have no names. ignored is nil if no column is ignored.
func findColumns(target string, ignore, names []string, count int) (column int, ignored []bool, err error) {
	for _, want := range ignore {
		j, err := findColumn("ignored column", want, names, count)
		if err != nil {
			return 0, nil, err
		}
		if ignored == nil {
			ignored = make([]bool, count)
		}
		ignored[j] = true
	}
	if column = count - 1; target != "" {
		if column, err = findColumn("target", target, names, count); err != nil {
			return 0, nil, err
		}
	}
	for target == "" && ignored != nil && column > 0 && ignored[column] {
		column--
	}
	switch {
	case ignored != nil && ignored[column]:
		return 0, nil, &ColumnError{said: fmt.Sprintf("the target, column %d, is ignored too", column+1)}
	case features(count, ignored) < 1:
		return 0, nil, &ColumnError{said: fmt.Sprintf("%d of %d columns are ignored; a target and at least one feature are needed", len(ignore), count)}
	}
	return column, ignored, nil
}

// features counts the columns that are neither the target nor ignored.
func features(count int, ignored []bool) int {
	for _, skip := range ignored {
		if skip {
			count--
		}
	}
	return count - 1
}

// A ColumnError says that Options name columns that the table does not have, or too many.
type ColumnError struct {
	Want  string   // a name in Options that no column has; "" if something else is wrong
	Names []string // of all columns, if Want is not ""
	said  string
}

func (e *ColumnError) Error() string { return e.said }

// findColumn returns the column, from 0, with the name or number want, among count columns. A
// ColumnError starts with what, the use of the column.
func findColumn(what, want string, names []string, count int) (int, error) {
	if first := slices.Index(names, want); first >= 0 {
		if second := slices.Index(names[first+1:], want); second >= 0 {
			return 0, &ColumnError{said: fmt.Sprintf("%s %q names columns %d and %d; give the number of one", what, want, first+1, first+second+2)}
		}
		return first, nil
	}
	n, err := strconv.Atoi(want)
	switch {
	case err == nil && 1 <= n && n <= count:
		return n - 1, nil
	case err == nil:
		return 0, &ColumnError{said: fmt.Sprintf("%s %d: columns are numbered from 1 to %d", what, n, count)}
	case names == nil:
		return 0, &ColumnError{said: fmt.Sprintf("%s %q: columns have no names here; give a number from 1 to %d", what, want, count)}
	}
	return 0, &ColumnError{want, names, fmt.Sprintf("%s %q: no such column; there are %s", what, want, listNames(names))}
}

// listNames quotes the first 20 names and counts the others.
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

// columnNames returns the names of the features and the name of the target. target is a column
// from 0. A column without a name is called x and its number, from x1 on.
func columnNames(names []string, count, target int, ignored []bool) (features []string, targetName string) {
	for j := range count {
		name := "x" + strconv.Itoa(j+1)
		if names != nil && names[j] != "" {
			name = names[j]
		}
		switch {
		case j == target:
			targetName = name
		case ignored == nil || !ignored[j]:
			features = append(features, name)
		}
	}
	return features, targetName
}
