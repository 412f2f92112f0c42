<?php

// Splits a bill of some cents among people.
function split(int $bill, int $people): array
{
    $share = (int) round($bill / max($people, 1));
    $shares = [$share];
    $left = $bill - $share;
    while (count($shares) < $people) {
        $shares[] = $share;
        $left -= $share;
    }
    for ($i = 0; $left > 0; $i++) {
        $shares[$i]++;
        $left--;
    }
    return $shares;
}

function answer(string $line): string
{
    [$bill, $people] = array_map('intval', explode(' ', $line));
    return implode(' ', split($bill, $people)) ?: '-';
}

// Each line of input is one case. Press Run and type one, or run the tests.
while (($line = fgets(STDIN)) !== false) {
    echo answer(trim($line)), "\n";
}
