def test_greets():
    assert "hello".startswith("h")
