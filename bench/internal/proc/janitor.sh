# Outlives a descent that was killed, and ends what that descent leaves behind: the folder DIR, the only
# argument, and process groups. A line on stdin adds a group ("+ 123") or takes it back ("- 123").
# The end of stdin is the end of that descent, whatever its cause. After an orderly end, nothing is
# left to do.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- # what descent's own parent may have left open
groups=
while read -r sign group; do
	case $sign in
	+) groups="$groups $group" ;;
	-)
		others=
		for g in $groups; do
			[ "$g" = "$group" ] || others="$others $g"
		done
		groups=$others
		;;
	esac
done
for g in $groups; do
	kill -s KILL -- "-$g"
done
tries=3 # a dying process may still write
until rm -rf -- "$1" || [ "$tries" -eq 1 ]; do
	tries=$((tries - 1))
	sleep 1
done
