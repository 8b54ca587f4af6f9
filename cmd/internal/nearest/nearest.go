// Package nearest finds the names that a mistyped one is most likely meant for.
package nearest

import (
	"slices"
	"strings"
)

// Names returns the candidates that name is most likely a typing error of, at most three. A
// candidate is near if it begins with name, or if one edit in three letters makes it of name. Upper
// and lower case are the same.
func Names(name string, candidates []string) []string {
	const most, longest = 3, 100 // a longer name is no typing error, and takes long to compare
	edits := map[string]int{}
	least := max(1, len(name)/3)
	for _, candidate := range candidates {
		if len(name) > longest || len(candidate) > longest {
			continue
		}
		a, b := strings.ToLower(name), strings.ToLower(candidate)
		distance := editDistance(a, b)
		if len(a) > 1 && strings.HasPrefix(b, a) {
			distance = min(distance, 1)
		}
		if distance <= least && distance < len(name) {
			edits[candidate], least = distance, distance
		}
	}
	var near []string
	for _, candidate := range candidates {
		if distance, is := edits[candidate]; is && distance == least && !slices.Contains(near, candidate) {
			near = append(near, candidate)
		}
	}
	return near[:min(most, len(near))]
}

// editDistance returns how many bytes must be inserted, deleted, replaced or swapped with their
// neighbour to turn a into b, if no byte is edited twice (Damerau, 1964).
func editDistance(a, b string) int {
	// rows[i][j] is the distance from a[:i] to b[:j].
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j-1], rows[i-1][j], rows[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], 1+rows[i-2][j-2])
			}
		}
	}
	return rows[len(a)][len(b)]
}
