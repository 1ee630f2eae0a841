//! Tests the extraction with own texts in every known form, including split table rows and headings at the end of the
//! previous line.

use crate::{against::noticed, reference, rows::Item};

const PAGE: &str = r#"Parcels
Endpoints
| Method | Endpoint | Description |
|---|---|---|
| GET | /depots/{depotId}/parcels |
List parcels |
| POST | /depots/{depotId}/parcels | Send a parcel |
| DELETE | /depots/{depotId}/parcels/{parcelId} | Lose a parcel |
List
GET /api/v1/depots/{depotId}/parcelsQuery Parameters
| Parameter | Type | Description |
|---|---|---|
page |
integer | Which page |
heavy | boolean | Only heavy ones |Example Request
curl "https://example.com/api/v1/depots/{depotId}/parcels?heavy=true&fresh=1" \
-H "Authorization: Bearer x"Example Response
{
"parcels": [
{
"id": "p1",
"route": { "stops": 3 },
"links": { "self": "/v1/parcels/59df762a921c59001021f409/stops" }
},
{
"lost": true
}
],
"labels": ["red"]
}Send
POST /api/v1/depots/{depotId}/parcels
Request Body
{
"weight": 3
}
Required Fields
weight: In kilogramslabels: Colours
Optional Fields
route: The waynote: Anythingoverweight: More than three
Fragile
Each parcel has these:
| Field | Description |
|---|---|
fragile | Take care |
Events
- parcel.sent- It leftparcel.lost- It did not arrive
Lose
curl -X DELETE https://example.com/api/v1/depots/12345678/parcels/p12345678 \
-H "X-Reason: why" \
-d '{
"because": {"rain": true}
}'Find
A request sent to https://example.com/v1/finds with the GET verb finds. A POST request to the same endpoint does not.
To change it, the request body might look like this:
{
 “colour”: “blue”
}
"#;

const API: &str = r"Parcels
openapi: 3.1.0
paths:
  /v1/parcels/{id}:
    get:
      operationId: getParcel
      parameters:
        - name: id
          in: path
        - name: full
          in: query
      responses:
        '200':
          description: >-
            A parcel,
            as it is: whole
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Parcel'
        '404':
          description: No parcel
components:
  securitySchemes:
    key:
      type: apiKey
      in: header
      name: X-Key
  schemas:
    Parcel:
      type: object
      properties:
        stops:
          type: array
          items:
            type: object
            properties:
              city:
                type: string
        labels:
          type: array
          items:
            type: string
    Unused:
      properties:
        size:
          type: integer
";

fn item_lines(text: &str) -> Vec<String> {
    let items = reference::items(text).into_iter();
    let shown = items.map(|Item { endpoint, kind, name }| {
        let of = if endpoint.is_empty() || kind == "endpoint" {
            String::new()
        } else {
            format!("{endpoint}: ")
        };
        format!("{of}{kind} {name}")
    });
    shown.collect()
}

#[test]
fn a_page_is_read_in_all_forms() {
    let (list, send) = (
        "GET /api/v1/depots/{depotId}/parcels",
        "POST /api/v1/depots/{depotId}/parcels",
    );
    let lose = "DELETE /api/v1/depots/{depotId}/parcels/{parcelId}";
    let expected = [
        "body colour".to_owned(),
        "event parcel.lost".to_owned(),
        "event parcel.sent".to_owned(),
        "field fragile".to_owned(),
        "header Authorization".to_owned(),
        "header X-Reason".to_owned(),
        format!("{lose}: body because"),
        format!("{lose}: body because.rain"),
        format!("endpoint {lose}"),
        format!("{lose}: path {{depotId}}"),
        format!("{lose}: path {{parcelId}}"),
        format!("endpoint {list}"),
        format!("{list}: path {{depotId}}"),
        format!("{list}: query fresh"),
        format!("{list}: query heavy"),
        format!("{list}: query page"),
        format!("{list}: response labels"),
        format!("{list}: response parcels[]"),
        format!("{list}: response parcels[].id"),
        format!("{list}: response parcels[].links"),
        format!("{list}: response parcels[].links.self"),
        format!("{list}: response parcels[].lost"),
        format!("{list}: response parcels[].route"),
        format!("{list}: response parcels[].route.stops"),
        "endpoint GET /v1/finds".to_owned(),
        "endpoint GET /v1/parcels/{id}/stops".to_owned(),
        "GET /v1/parcels/{id}/stops: path {id}".to_owned(),
        // These names occur nowhere else, so their start is unknown. They are found with the preceding word.
        format!("{send}: body Anythingoverweight"),
        format!("{send}: body labels"),
        format!("{send}: body route"),
        format!("{send}: body waynote"),
        format!("{send}: body weight"),
        format!("endpoint {send}"),
        format!("{send}: path {{depotId}}"),
        "endpoint POST /v1/finds".to_owned(),
    ];
    assert_eq!(item_lines(PAGE), expected);
}

#[test]
fn references_of_an_api_description_are_resolved() {
    let get = "GET /v1/parcels/{id}";
    let expected = [
        "field Unused.size".to_owned(),
        "header X-Key".to_owned(),
        format!("endpoint {get}"),
        format!("{get}: path {{id}}"),
        format!("{get}: query full"),
        format!("{get}: response labels"),
        format!("{get}: response stops[]"),
        format!("{get}: response stops[].city"),
        format!("{get}: status 200"),
        format!("{get}: status 404"),
    ];
    assert_eq!(item_lines(API), expected);
}

#[test]
fn new_parts_of_a_text_are_detected() {
    assert!(noticed("the page", PAGE) > 10);
    // It already contains an operation with parameters. A second list of them would be a different error.
    let without = API.replace("      parameters:\n        - name: id\n          in: path\n        - name: full\n          in: query\n", "");
    assert!(noticed("the description", &without) > 4);
}

#[test]
#[should_panic(expected = "unknown table: ")]
fn an_unknown_table_is_not_skipped() {
    reference::items("Limits\n| Plan | Calls |\n|---|---|\n| free | 10 |\n");
}

#[test]
#[should_panic(expected = "not JSON")]
fn an_unreadable_example_is_not_skipped() {
    reference::items("GET /api/x\nResponse\n{\n\"a\": ...\n}\n");
}
