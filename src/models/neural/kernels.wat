;; Inference kernels with 128-bit SIMD. Weights lie in blocks of 16 outputs: block after block, in each one input after the
;; other, so that they are read in the order in which they are used. Strides and offsets are in bytes.
(module
  (memory (export "memory") 1)

  ;; e^x by 2^n · e^r with |r| ≤ ln2/2 and a polynomial of degree 6; relative error below 2e-7.
  (func $exp (param $x v128) (result v128)
    (local $n v128)
    (local.set $x (f32x4.min (f32x4.max (local.get $x) (v128.const f32x4 -87 -87 -87 -87)) (v128.const f32x4 88 88 88 88)))
    (local.set $n (f32x4.nearest (f32x4.mul (local.get $x) (v128.const f32x4 1.44269504 1.44269504 1.44269504 1.44269504))))
    (local.set $x (f32x4.sub (local.get $x) (f32x4.mul (local.get $n) (v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375))))
    (local.set $x (f32x4.add (local.get $x) (f32x4.mul (local.get $n) (v128.const f32x4 2.12194440e-4 2.12194440e-4 2.12194440e-4 2.12194440e-4))))
    (f32x4.mul
      (f32x4.add (f32x4.mul (f32x4.add (f32x4.mul (f32x4.add (f32x4.mul (f32x4.add (f32x4.mul (f32x4.add (f32x4.mul (f32x4.add (f32x4.mul
        (local.get $x)
        (v128.const f32x4 1.38888889e-3 1.38888889e-3 1.38888889e-3 1.38888889e-3))
        (v128.const f32x4 8.33333333e-3 8.33333333e-3 8.33333333e-3 8.33333333e-3)) (local.get $x))
        (v128.const f32x4 4.16666667e-2 4.16666667e-2 4.16666667e-2 4.16666667e-2)) (local.get $x))
        (v128.const f32x4 0.166666667 0.166666667 0.166666667 0.166666667)) (local.get $x))
        (v128.const f32x4 0.5 0.5 0.5 0.5)) (local.get $x))
        (v128.const f32x4 1 1 1 1)) (local.get $x))
        (v128.const f32x4 1 1 1 1))
      (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $n)) (v128.const i32x4 127 127 127 127)) (i32.const 23))))

  (func $sigmoid (param $x v128) (result v128)
    (f32x4.div (v128.const f32x4 1 1 1 1)
      (f32x4.add (v128.const f32x4 1 1 1 1) (call $exp (f32x4.neg (local.get $x))))))

  ;; The gate function: the logistic one, or its piecewise linear stand-in clip(0.2·x + 0.5, 0, 1).
  (func $gate (param $x v128) (param $hard i32) (result v128)
    (if (result v128) (local.get $hard)
      (then (f32x4.min (v128.const f32x4 1 1 1 1) (f32x4.max (v128.const f32x4 0 0 0 0)
        (f32x4.add (f32x4.mul (local.get $x) (v128.const f32x4 0.2 0.2 0.2 0.2)) (v128.const f32x4 0.5 0.5 0.5 0.5)))))
      (else (call $sigmoid (local.get $x)))))

  ;; tanh(x) = 2·sigmoid(2x) − 1
  (func $tanh (param $x v128) (result v128)
    (f32x4.sub (f32x4.mul (v128.const f32x4 2 2 2 2)
      (call $sigmoid (f32x4.mul (v128.const f32x4 2 2 2 2) (local.get $x)))) (v128.const f32x4 1 1 1 1)))

  ;; out[r] = bias + x[r] · W for each of `rows` rows of `k` inputs and `blocks`·16 outputs.
  (func $gemm (export "gemm") (param $x i32) (param $rows i32) (param $k i32) (param $xStride i32)
      (param $w i32) (param $bias i32) (param $blocks i32) (param $out i32) (param $outStride i32)
    (local $block i32) (local $i i32) (local $p i32) (local $q i32) (local $end i32) (local $b i32) (local $o i32)
    (local $v v128) (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128)
    (block $done (loop $row
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $q (local.get $w))
      (local.set $b (local.get $bias))
      (local.set $o (local.get $out))
      (local.set $block (local.get $blocks))
      (local.set $end (i32.add (local.get $x) (i32.shl (local.get $k) (i32.const 2))))
      (block $rowDone (loop $next
        (br_if $rowDone (i32.eqz (local.get $block)))
        (local.set $a0 (v128.load (local.get $b)))
        (local.set $a1 (v128.load offset=16 (local.get $b)))
        (local.set $a2 (v128.load offset=32 (local.get $b)))
        (local.set $a3 (v128.load offset=48 (local.get $b)))
        (local.set $p (local.get $x))
        (block $inputsDone (loop $input
          (br_if $inputsDone (i32.ge_u (local.get $p) (local.get $end)))
          (local.set $v (v128.load32_splat (local.get $p)))
          (local.set $a0 (f32x4.add (local.get $a0) (f32x4.mul (local.get $v) (v128.load (local.get $q)))))
          (local.set $a1 (f32x4.add (local.get $a1) (f32x4.mul (local.get $v) (v128.load offset=16 (local.get $q)))))
          (local.set $a2 (f32x4.add (local.get $a2) (f32x4.mul (local.get $v) (v128.load offset=32 (local.get $q)))))
          (local.set $a3 (f32x4.add (local.get $a3) (f32x4.mul (local.get $v) (v128.load offset=48 (local.get $q)))))
          (local.set $p (i32.add (local.get $p) (i32.const 4)))
          (local.set $q (i32.add (local.get $q) (i32.const 64)))
          (br $input)))
        (v128.store (local.get $o) (local.get $a0))
        (v128.store offset=16 (local.get $o) (local.get $a1))
        (v128.store offset=32 (local.get $o) (local.get $a2))
        (v128.store offset=48 (local.get $o) (local.get $a3))
        (local.set $b (i32.add (local.get $b) (i32.const 64)))
        (local.set $o (i32.add (local.get $o) (i32.const 64)))
        (local.set $block (i32.sub (local.get $block) (i32.const 1)))
        (br $next)))
      (local.set $x (i32.add (local.get $x) (local.get $xStride)))
      (local.set $out (i32.add (local.get $out) (local.get $outStride)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $row))))

  ;; One LSTM step from the gate inputs z = [i f c o], each `size` bytes long: updates c, writes h.
  (func $cell (param $z i32) (param $c i32) (param $h i32) (param $size i32) (param $hard i32)
    (local $i i32) (local $at i32) (local $state v128)
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (local.get $size)))
      (local.set $at (i32.add (local.get $z) (local.get $i)))
      (local.set $state (f32x4.add
        (f32x4.mul
          (call $gate (v128.load (i32.add (local.get $at) (local.get $size))) (local.get $hard))
          (v128.load (i32.add (local.get $c) (local.get $i))))
        (f32x4.mul
          (call $gate (v128.load (local.get $at)) (local.get $hard))
          (call $tanh (v128.load (i32.add (local.get $at) (i32.shl (local.get $size) (i32.const 1))))))))
      (v128.store (i32.add (local.get $c) (local.get $i)) (local.get $state))
      (v128.store (i32.add (local.get $h) (local.get $i))
        (f32x4.mul
          (call $gate (v128.load (i32.add (local.get $at) (i32.mul (local.get $size) (i32.const 3)))) (local.get $hard))
          (call $tanh (local.get $state))))
      (local.set $i (i32.add (local.get $i) (i32.const 16)))
      (br $next))))

  ;; `steps` steps of one LSTM layer. `xh` holds the input of a step (k floats) and right after it h (`size` bytes).
  ;; Every h is also written to `out`.
  (func (export "lstm") (param $in i32) (param $steps i32) (param $k i32) (param $inStride i32) (param $xh i32)
      (param $w i32) (param $bias i32) (param $blocks i32) (param $z i32) (param $c i32) (param $size i32)
      (param $out i32) (param $hard i32)
    (local $h i32) (local $inputs i32)
    (local.set $h (i32.add (local.get $xh) (i32.shl (local.get $k) (i32.const 2))))
    (local.set $inputs (i32.add (local.get $k) (i32.shr_u (local.get $size) (i32.const 2))))
    (block $done (loop $step
      (br_if $done (i32.eqz (local.get $steps)))
      (memory.copy (local.get $xh) (local.get $in) (i32.shl (local.get $k) (i32.const 2)))
      (call $gemm (local.get $xh) (i32.const 1) (local.get $inputs) (i32.const 0)
        (local.get $w) (local.get $bias) (local.get $blocks) (local.get $z) (i32.const 0))
      (call $cell (local.get $z) (local.get $c) (local.get $h) (local.get $size) (local.get $hard))
      (memory.copy (local.get $out) (local.get $h) (local.get $size))
      (local.set $in (i32.add (local.get $in) (local.get $inStride)))
      (local.set $out (i32.add (local.get $out) (local.get $size)))
      (local.set $steps (i32.sub (local.get $steps) (i32.const 1)))
      (br $step))))
)
