use super::*;

const FRAME_MAX: usize = 4096;

fn passed(bytes: &[u8], size: usize) -> Vec<u8> {
    super::passed(bytes, size, FRAME_MAX)
}

fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&[kind, 0, 1][..], &length(payload), payload, &[0xce]].concat()
}

fn text(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

fn table(entries: &[u8]) -> Vec<u8> {
    [&length(entries)[..], entries].concat()
}

/// A content header with a content type, headers and a message identifier.
fn header(content_type: &[u8], headers: &[u8], id: &[u8]) -> Vec<u8> {
    let flags = (1u16 << 15 | HEADERS_FLAG | 1 << 7).to_be_bytes();
    let body = [&[0, 60, 0, 0][..], &5u64.to_be_bytes(), &flags].concat();
    frame(HEADER, &[body, text(content_type), table(headers), text(id)].concat())
}

fn deliver(consumer: &[u8], key: &[u8]) -> Vec<u8> {
    let payload = [&[0, 60, 0, 60][..], &text(consumer), &[7; 9], &text(b"waybill"), &text(key)].concat();
    frame(METHOD, &payload)
}

const SOUND: &[u8] = b"\x01aS\0\0\0\x02\xff\xfe";

#[test]
fn frames_that_can_be_read_pass_as_they_are_in_any_pieces() {
    let frames = [
        frame(METHOD, &[0, 10, 0, 10, 0, 9]),
        deliver(b"orders", b"order.created"),
        header(b"application/json", SOUND, b"id"),
        frame(BODY, b"\x01\x02\xce\xff\xfe"),
        frame(HEARTBEAT, b""),
        deliver("b\u{fc}cher".as_bytes(), b""),
    ]
    .concat();
    for size in 1..=frames.len() {
        assert_eq!(passed(&frames, size), frames, "pieces of {size}");
    }
    let other = b"AMQP\0\0\x09\x01 and more";
    assert_eq!(passed(other, 3), other);
}

#[test]
fn headers_that_cannot_be_read_give_way_to_one_that_says_so() {
    let deep = (0..40).fold(b"V".to_vec(), |inner, _| [b"A", &table(&inner)[..]].concat());
    let unreadable = {
        let flags = (1u16 << 15 | HEADERS_FLAG | 1 << 7).to_be_bytes();
        let body = [&[0, 60, 0, 0][..], &5u64.to_be_bytes(), &flags].concat();
        frame(HEADER, &[body, text(b"text"), unreadable_headers(), text(b"id")].concat())
    };
    for headers in [&[b"\x01a", &deep[..]].concat()[..], b"\x01\xffV", b"\x01a?", b"\x05a"] {
        let written = [header(b"text", headers, b"id"), frame(BODY, b"12345")].concat();
        let expected = [&unreadable[..], &frame(BODY, b"12345")].concat();
        for size in [1, 7, 1_000] {
            assert_eq!(passed(&written, size), expected, "{headers:?}");
        }
    }
    assert!(is_readable_table(&unreadable_headers()));
}

#[test]
fn properties_that_are_cut_off_leave_a_message_with_its_body() {
    let whole = header(b"text", SOUND, b"id");
    let payload = &whole[HEAD_BYTES..whole.len() - 1];
    let flags = HEADERS_FLAG.to_be_bytes();
    let expected = frame(HEADER, &[&payload[..CONTENT_BYTES], &flags, &unreadable_headers()].concat());
    for end in CONTENT_BYTES + 2..payload.len() {
        assert_eq!(passed(&frame(HEADER, &payload[..end]), 64), expected, "{end}");
    }
    assert_eq!(passed(&frame(HEADER, &[payload, b"more"].concat()), 64), expected);
}

#[test]
fn a_text_that_is_not_utf_8_is_replaced_within_its_limit() {
    let expected = deliver(b"orders", "order.\u{fffd}\u{fffd}".as_bytes());
    assert_eq!(passed(&deliver(b"orders", b"order.\xff\xfe"), 9), expected);
    let expected = header("\u{fffd}".repeat(85).as_bytes(), SOUND, "\u{fffd}d".as_bytes());
    assert_eq!(passed(&header(&[0xff; 255], SOUND, b"\xe4d"), 64), expected);
}

#[test]
fn headers_that_are_larger_than_a_frame_are_left_out() {
    let [fits, large, grown] =
        [(&b"id"[..], FRAME_MAX - 41), (b"id", FRAME_MAX - 40), (&[0xff; 100], FRAME_MAX - 200)].map(
            |(id, size)| {
                let headers = [&b"\x01aS"[..], &length(&vec![b'v'; size])[..], &vec![b'v'; size]].concat();
                header(b"text", &headers, id)
            },
        );
    assert_eq!((fits.len(), large.len()), (FRAME_MAX, FRAME_MAX + 1));
    let emptied = |whole: &[u8]| frame(HEADER, &without_properties(&whole[HEAD_BYTES..whole.len() - 1]));
    for size in [1, 7, 100, FRAME_MAX * 2] {
        assert_eq!(passed(&fits, size), fits);
        for whole in [&large, &grown] {
            let body = frame(BODY, b"12345");
            let expected = [&emptied(whole)[..], &body].concat();
            assert_eq!(passed(&[&whole[..], &body].concat(), size), expected, "pieces of {size}");
        }
    }
    // The server has a lower limit.
    let tune = frame(METHOD, &[&CONNECTION_TUNE[..], &[0, 0], &2048u32.to_be_bytes(), &[0, 60]].concat());
    let expected = [&tune[..], &emptied(&fits)].concat();
    assert_eq!(passed(&[&tune[..], &fits].concat(), 64), expected);
}
