cp "${BASH_SOURCE%/*}"/../../npm/app/* .
